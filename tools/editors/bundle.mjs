import CopyWebpackPlugin from 'copy-webpack-plugin';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import webpack from 'webpack';

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, '../..');
const grafanaUi = path.dirname(createRequire(import.meta.url).resolve('@grafana/ui/package.json'));

/** Like the plugin's own build, except that nothing is left to Grafana: every library is in the bundle. */
const configuration = (outDir) => ({
  mode: 'development',
  devtool: false,
  context: root,
  entry: path.join(here, 'page.tsx'),
  output: { path: outDir, filename: 'page.js', publicPath: '' },
  cache: { type: 'filesystem', name: 'editors', cacheDirectory: path.join(root, 'node_modules/.cache/editors') },
  performance: { hints: false },
  ignoreWarnings: [/./],
  resolve: {
    extensions: ['.mjs', '.js', '.ts', '.tsx'],
    fallback: { stream: false, crypto: false },
  },
  module: {
    rules: [
      {
        test: /\.tsx?$/,
        exclude: /node_modules/,
        loader: 'swc-loader',
        options: { jsc: { target: 'es2021', parser: { syntax: 'typescript', tsx: true } } },
      },
      { test: /\.m?js$/, resolve: { fullySpecified: false } },
      { test: /\.css$/, use: ['style-loader', 'css-loader'] },
      { test: /\.(svg|png|ttf|woff2?)$/, type: 'asset/resource' },
    ],
  },
  plugins: [
    new CopyWebpackPlugin({
      patterns: [
        { from: path.join(here, 'index.html') },
        { from: path.join(grafanaUi, 'dist/public/img/icons'), to: 'public/build/img/icons' },
      ],
    }),
  ],
});

/** Writes index.html, page.js and the icons to outDir. */
export function bundle(outDir) {
  return new Promise((resolve, reject) => {
    const compiler = webpack(configuration(outDir));
    compiler.run((failure, stats) => {
      compiler.close(() => {
        const problem = failure ?? (stats.hasErrors() && new Error(stats.toString('errors-only')));
        problem ? reject(problem) : resolve();
      });
    });
  });
}

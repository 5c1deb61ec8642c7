import CopyWebpackPlugin from 'copy-webpack-plugin';
import path from 'path';
import type { Configuration } from 'webpack';
import { merge } from 'webpack-merge';

import grafanaConfig, { type Env } from './.config/webpack/webpack.config.ts';

// The dashboards live at the root of the repository, where operators look for them; Grafana wants them beside
// plugin.json, whose `includes` names them.
const dashboards = {
  context: path.resolve(process.cwd(), 'dashboards'),
  from: '*/*.json',
  to: 'dashboards/[path][name][ext]',
  noErrorOnMissing: true,
};

// The scaffold expects Grafana to share the JSX runtime, which 11.6.0 and 12.2.0 do not; see src/jsxRuntime.ts.
const JSX_RUNTIME = 'react/jsx-runtime';

const config = async (env: Env): Promise<Configuration> => {
  const { externals, ...base } = await grafanaConfig(env);
  if (!Array.isArray(externals)) {
    throw new Error('The scaffold no longer lists its externals; look at this file again.');
  }
  return merge(base, {
    externals: externals.filter((external) => external !== JSX_RUNTIME),
    resolve: { alias: { [`${JSX_RUNTIME}$`]: path.resolve(process.cwd(), 'src', 'jsxRuntime.ts') } },
    plugins: [new CopyWebpackPlugin({ patterns: [dashboards] })],
  });
};

export default config;

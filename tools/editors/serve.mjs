import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.svg': 'image/svg+xml', '.ttf': 'font/ttf' };

/** Serves a folder on a port of this machine, by default a free one. */
export function serve(folder, port = 0) {
  const server = createServer((request, response) => {
    const wanted = path.normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    const file = path.join(folder, wanted === '/' ? 'index.html' : wanted);
    createReadStream(file)
      .on('open', () => response.writeHead(200, { 'Content-Type': TYPES[path.extname(file)] ?? 'text/plain' }))
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

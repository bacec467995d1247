// A server for tests of outgoing requests over TLS, with HTTP/2 for those that offer it and HTTP/1.1 for the rest.
// fake_h2.mjs CERT KEY: prints its port on the first line and ends when its standard input does.
//   /echo  "<version> <method> <header x-one>" and the body     /bytes/N  N bytes     /forever  pieces until the client goes
//   /sessions  how many HTTP/2 connections there were           /closed   how many /forever were reset
import { createSecureServer } from 'node:http2';
import { readFileSync } from 'node:fs';

const counts = { sessions: 0, closed: 0 };
const [cert, key] = process.argv.slice(2).map((path) => readFileSync(path));

const server = createSecureServer({ cert, key, allowHTTP1: true, maxSessionMemory: 1000, settings: { maxConcurrentStreams: 100 } }, (request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', () => {
    const [, what, n] = request.url.split('/');
    if (what === 'bytes') {
      response.end(Buffer.alloc(Number(n), 'x'));
    } else if (what === 'forever') {
      const timer = setInterval(() => response.write('more;'), 10);
      response.on('close', () => {
        clearInterval(timer);
        counts.closed++;
      });
    } else if (what in counts) {
      response.end(String(counts[what]));
    } else {
      response.end(`${request.httpVersion} ${request.method} ${request.headers['x-one']} ${Buffer.concat(pieces)}`);
    }
  });
});
server.on('session', () => counts.sessions++);
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));

// A token server that answers with 256 MiB of JSON, in a process of its own so that its memory is not counted. Tells its URL to
// the process that forked it, and ends with that.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const size = 256 * 1024 * 1024;
const head = '{"access_token":"4f2c8e1a-7b3d-4c55-9a10-000000000001","token_type":"bearer","expires_in":3600,"padding":"';
const tail = '"}';
const padding = Buffer.alloc(64 * 1024, 'x');

const server = createServer(async (request, response) => {
  request.resume();
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': size });
  const closed = once(response, 'close');
  response.write(head);
  for (let left = size - head.length - tail.length; left > 0 && !response.destroyed; left -= padding.length) {
    if (response.write(left < padding.length ? padding.subarray(0, left) : padding)) continue;
    await Promise.race([once(response, 'drain'), closed]);
  }
  response.end(tail);
});
server.listen(0, '127.0.0.1', () => process.send?.(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
process.on('disconnect', () => process.exit());

import { createServer } from 'node:http';

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://service');
  if (pathname !== '/greeting') return response.writeHead(404).end();
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ greeting: `Hello, ${searchParams.get('name') ?? 'world'}!` }));
}).listen(8080, () => console.log('listening on 8080'));

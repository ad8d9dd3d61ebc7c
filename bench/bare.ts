import { readFileSync } from 'node:fs';
import path from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import fastify from 'fastify';
import pg from 'pg';

/**
 * What a route costs that does nothing but read one row: a bare fastify server over the database of a
 * Slipway server that is stopped (PGlite) or not (PostgreSQL), with the same certificate.
 * Arguments: data directory, port, and the database's URL unless it is PGlite.
 */
const [data = '', port = '0', url] = process.argv.slice(2);
const tls = path.join(data, 'tls');
const app = fastify({
  https: {
    cert: readFileSync(path.join(tls, 'server.pem')),
    key: readFileSync(path.join(tls, 'server.key')),
  },
});
const query = url === undefined ? await openPglite() : openPostgres(url);

app.get<{ Params: { key: string } }>('/row/:key', async (request) => {
  const key = Number(request.params.key);
  return (await query('select run_id, status from runs where run_key = $1', [key]))[0];
});
await app.listen({ host: 'localhost', port: Number(port) });

type Query = (text: string, values: unknown[]) => Promise<unknown[]>;

async function openPglite(): Promise<Query> {
  const pglite = await PGlite.create(path.join(data, 'db'), {
    startParams: [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB'],
  });
  return async (text, values) => (await pglite.query(text, values)).rows;
}

function openPostgres(connectionString: string): Query {
  const pool = new pg.Pool({ connectionString, max: 16 });
  return async (text, values) => (await pool.query<object>(text, values)).rows;
}

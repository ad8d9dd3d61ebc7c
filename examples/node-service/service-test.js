// Asks the running service, over the network of the run, whether it does what it should.
import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';

const [service] = process.argv.slice(2);

async function get(path) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await fetch(`${service}${path}`);
    } catch (error) {
      if (tries === 100) throw error; // it is still starting
      await delay(100);
    }
  }
}

const greeting = await get('/greeting?name=Slipway');
assert.deepEqual(await greeting.json(), { greeting: 'Hello, Slipway!' });
assert.equal((await get('/nothing')).status, 404);
console.log(`${service} does what it should`);

import { benchBuild } from './build.ts';

/** `npm run bench -- NAME [rounds]`: each prints ratios against the raw engine, measured in the same run. */
const benches: Record<string, (rounds: number) => Promise<void>> = { build: benchBuild };

const [name = '', rounds = '10'] = process.argv.slice(2);
const bench = benches[name];
if (!bench) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join('|')} [rounds]`);
  process.exit(2);
}
await bench(Number(rounds));

import { benchApi } from './api.ts';
import { benchBuild } from './build.ts';
import { benchTasks } from './tasks.ts';
import { benchTriggers } from './triggers.ts';

/** `npm run bench -- NAME [count]`: each prints ratios against the raw thing, measured in the same run. */
const benches: Record<string, { run: (count: number) => Promise<void>; defaultCount: number }> = {
  build: { run: benchBuild, defaultCount: 10 },
  api: { run: benchApi, defaultCount: 2000 },
  tasks: { run: benchTasks, defaultCount: 5 },
  triggers: { run: benchTriggers, defaultCount: 20 },
};

const [name = '', count] = process.argv.slice(2);
const bench = benches[name];
if (!bench) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join('|')} [count]`);
  process.exit(2);
}
await bench.run(count === undefined ? bench.defaultCount : Number(count));

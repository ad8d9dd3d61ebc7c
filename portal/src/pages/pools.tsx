import { Link } from 'wouter';
import { useQuery } from '../api/use-query.ts';
import { Badge } from '../parts/badge.tsx';
import { Empty, ErrorNotice, Loading } from '../parts/notice.tsx';
import { useTitle } from '../parts/title.ts';
import { useRegistry } from '../registry-context.tsx';

const refreshMs = 4000;

/** The agent pools of a registry: how many agents there should be and are, and how many runs wait. */
export function PoolsPage() {
  const { api, place, page } = useRegistry();
  useTitle('Agent pools', place.registry);
  const { data, error } = useQuery(
    `pools ${place.registry}`,
    async (signal) => {
      const pools = await api.listAgentPools(signal);
      return Promise.all(
        pools.map(async (pool) => {
          const [agents, queued] = await Promise.all([
            api.listAgents(pool.name, signal),
            api.countQueued(pool.name, signal),
          ]);
          return { ...pool, agents: agents.value, queued: queued.count };
        }),
      );
    },
    () => refreshMs,
  );
  return (
    <>
      <h1>Agent pools</h1>
      <p className="muted">Where runs wait for agents. Those that name no pool go to the default pool.</p>
      <ErrorNotice error={error} />
      {!data && !error && <Loading />}
      {data?.length === 0 && (
        <Empty title="There is none besides the default pool. One with two agents of its own:">
          <code>az acr agentpool create -r {place.registry} -n fast --tier S2 --count 2</code>
        </Empty>
      )}
      {data !== undefined && data.length > 0 && (
        <table className="rows pools">
          <thead>
            <tr>
              <th scope="col">State</th>
              <th scope="col">Pool</th>
              <th scope="col">Tier</th>
              <th scope="col">Agents</th>
              <th scope="col">Waiting runs</th>
            </tr>
          </thead>
          <tbody>
            {data.map(({ name, properties: { provisioningState, tier, os, count }, agents, queued }) => (
              <tr key={name}>
                <td className="status">
                  <Badge status={provisioningState} />
                </td>
                <td className="name">{name}</td>
                <td className="task">
                  {tier}, {os}
                </td>
                <td className="why">
                  {count === 0 && agents.length === 0
                    ? 'paused'
                    : `${agents.length} connected, ${count} wanted`}
                  {agents.map(
                    ({ name: agent, runId }) =>
                      runId !== undefined && (
                        <span className="detail" key={agent}>
                          {agent} runs <Link href={page(`/runs/${encodeURIComponent(runId)}`)}>{runId}</Link>
                        </span>
                      ),
                  )}
                </td>
                <td className="duration">{queued}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

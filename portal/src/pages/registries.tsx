import { Link, Redirect } from 'wouter';
import { listRegistries, type RegistryPlace } from '../api/registry-api.ts';
import type { Registry } from '../api/types.ts';
import { useQuery } from '../api/use-query.ts';
import { Empty, ErrorNotice, Loading } from '../parts/notice.tsx';
import { useTitle } from '../parts/title.ts';
import { registryPage } from '../registry-context.tsx';

/** The registries that one may see; with a single one, its runs. */
export function RegistriesPage() {
  useTitle('Registries');
  const { data, error } = useQuery('registries', listRegistries);
  const [only, ...others] = data ?? [];
  if (only && others.length === 0) return <Redirect to={registryPage(placeOf(only), '/runs')} replace />;
  return (
    <>
      <h1>Registries</h1>
      <ErrorNotice error={error} />
      {!data && !error && <Loading />}
      {data?.length === 0 && (
        <Empty title="There is no registry that you may see.">
          <code>az acr create --resource-group slipway --sku Standard --name myregistry</code>
        </Empty>
      )}
      <ul className="cards">
        {data?.map((registry) => (
          <li key={registry.id}>
            <Link href={registryPage(placeOf(registry), '/runs')}>{registry.name}</Link>
            <span className="muted">{registry.properties.loginServer}</span>
            <span className="muted">group {placeOf(registry).resourceGroup}</span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** `/subscriptions/{id}/resourceGroups/{group}/providers/Microsoft.ContainerRegistry/registries/{name}`. */
function placeOf({ id }: Registry): RegistryPlace {
  const [, , subscriptionId = '', , resourceGroup = '', , , , registry = ''] = id.split('/');
  return { subscriptionId, resourceGroup, registry };
}

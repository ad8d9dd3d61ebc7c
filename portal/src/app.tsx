import { useEffect, useRef } from 'react';
import { Link, Redirect, Route, Router, Switch, useLocation, useRoute } from 'wouter';
import { useSession, endSession } from './api/session.ts';
import { BaseImagesPage } from './pages/base-images.tsx';
import { DeliveriesPage } from './pages/deliveries.tsx';
import { PoolsPage } from './pages/pools.tsx';
import { RegistriesPage } from './pages/registries.tsx';
import { RunPage } from './pages/run.tsx';
import { RunsPage } from './pages/runs.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { TaskPage } from './pages/task.tsx';
import { TasksPage } from './pages/tasks.tsx';
import { ErrorBoundary } from './parts/error-boundary.tsx';
import { Empty } from './parts/notice.tsx';
import { usePageTitle, useTitle } from './parts/title.ts';
import { registryPage, RegistryProvider, useRegistry } from './registry-context.tsx';

const registryPath = '/registries/:subscriptionId/:resourceGroup/:registry';

/** Below `/portal`; without a session it is the sign-in page, whatever the path, which then goes on there. */
export function App() {
  const { session, endedBecause } = useSession();
  if (!session) return <SignInPage reason={endedBecause} />;
  return (
    <Router base="/portal">
      <Header clientId={session.clientId} />
      <Main />
    </Router>
  );
}

/** The page, which gets the focus when it is another one: what had it before is gone, or was how to come here. */
function Main() {
  const [location] = useLocation();
  const main = useRef<HTMLElement>(null);
  const title = usePageTitle();
  useEffect(() => {
    if (navigator.userActivation.hasBeenActive) main.current?.focus({ preventScroll: true });
  }, [location]);
  return (
    <main id="main" tabIndex={-1} ref={main}>
      <p className="hidden" role="status">
        {title}
      </p>
      <ErrorBoundary key={location}>
        <Switch>
          <Route path="/" component={RegistriesPage} />
          <Route path={`${registryPath}/*?`}>
            {(place) => (
              <RegistryProvider place={place}>
                <RegistryRoutes />
              </RegistryProvider>
            )}
          </Route>
          <Route>
            <NotFound />
          </Route>
        </Switch>
      </ErrorBoundary>
    </main>
  );
}

function RegistryRoutes() {
  const { page } = useRegistry();
  return (
    <Switch>
      <Route path={registryPath}>
        <Redirect to={page('/runs')} replace />
      </Route>
      <Route path={`${registryPath}/runs`} component={RunsPage} />
      <Route path={`${registryPath}/runs/:runId`}>
        {({ runId }) => <RunPage runId={runId} key={runId} />}
      </Route>
      <Route path={`${registryPath}/tasks`} component={TasksPage} />
      <Route path={`${registryPath}/tasks/:taskName`}>
        {({ taskName }) => <TaskPage name={taskName} key={taskName} />}
      </Route>
      <Route path={`${registryPath}/deliveries`} component={DeliveriesPage} />
      <Route path={`${registryPath}/base-images`} component={BaseImagesPage} />
      <Route path={`${registryPath}/pools`} component={PoolsPage} />
      <Route>
        <NotFound />
      </Route>
    </Switch>
  );
}

function Header({ clientId }: { clientId: string }) {
  const [isInRegistry, place] = useRoute(`${registryPath}/*?`);
  const [location] = useLocation();
  const nav = useRef<HTMLElement>(null);
  useEffect(() => {
    // on a narrow screen the tabs may be wider than it
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [location]);
  return (
    <header className="top">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <Link href="/" className="brand">
        <img src="/portal/icon.svg" alt="" width="26" height="26" />
        Slipway
      </Link>
      {isInRegistry && (
        <Link href={registryPage(place, '/runs')} className="registry" title={`Registry ${place.registry}`}>
          {place.registry}
        </Link>
      )}
      {isInRegistry && (
        <nav aria-label={`Registry ${place.registry}`} ref={nav}>
          {tabs.map(([path, name]) => (
            <Link
              key={path}
              href={registryPage(place, path)}
              className="tab"
              aria-current={currentOf(registryPage(place, path), location)}
            >
              {name}
            </Link>
          ))}
        </nav>
      )}
      <button type="button" className="quiet" title={`Signed in as ${clientId}`} onClick={() => endSession()}>
        Sign out
      </button>
    </header>
  );
}

/** Whether a link leads to the page, or to the list that it belongs to. */
function currentOf(path: string, location: string): 'page' | 'true' | undefined {
  if (location === path) return 'page';
  return location.startsWith(`${path}/`) ? 'true' : undefined;
}

const tabs = [
  ['/runs', 'Runs'],
  ['/tasks', 'Tasks'],
  ['/deliveries', 'Deliveries'],
  ['/base-images', 'Base images'],
  ['/pools', 'Agent pools'],
] as const;

function NotFound() {
  useTitle('No such page');
  return (
    <>
      <h1>No such page</h1>
      <Empty title="Nothing is at this address.">
        <Link href="/">To the registries</Link>
      </Empty>
    </>
  );
}

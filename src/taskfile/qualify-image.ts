/** An image's name with the registry that it has, or else `loginServer`, and with a tag or digest. */
export function qualifyImage(name: string, loginServer: string): string {
  const first = name.split('/', 1)[0] ?? '';
  const hasRegistry = name.includes('/') && /[.:]|^localhost$/.test(first);
  const qualified = hasRegistry ? name : `${loginServer}/${name}`;
  return /[:@][^/]*$/.test(qualified) ? qualified : `${qualified}:latest`;
}

import type { Page } from 'playwright-core';

/** A wide screen in light and a telephone in dark, which between them have all that the stylesheet tells apart. */
const looks = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 390 },
] as const;

/**
 * What keeps people from reading or working a page, wide and light, and narrow and dark: text whose contrast is below
 * 4.5 (WCAG 2.2 §1.4.3), controls without a name (§4.1.2), no heading of the page, content beyond its width (§1.4.10).
 */
export async function auditPage(page: Page): Promise<string[]> {
  const found: string[] = [];
  const before = page.viewportSize();
  for (const { colorScheme, width } of looks) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 800 });
    const wrong = await page.evaluate(offences);
    found.push(...wrong.map((each) => `${new URL(page.url()).pathname}, ${colorScheme}: ${each}`));
  }
  await page.emulateMedia({ colorScheme: null });
  if (before) await page.setViewportSize(before);
  return found;
}

/** Runs in the page, which knows nothing of this file. */
function offences(): string[] {
  type Color = readonly [red: number, green: number, blue: number, alpha: number];
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  /** Whatever a computed style says (`rgb()`, `color(srgb …)`), as the browser paints it. */
  const colorOf = (css: string): Color => {
    if (!canvas) throw new Error('there is no canvas');
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = css;
    canvas.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0, alpha = 0] = canvas.getImageData(0, 0, 1, 1).data;
    return [red, green, blue, alpha / 255];
  };
  const over = ([red, green, blue, alpha]: Color, [r, g, b]: Color): Color => [
    red * alpha + r * (1 - alpha),
    green * alpha + g * (1 - alpha),
    blue * alpha + b * (1 - alpha),
    1,
  ];
  const backgroundOf = (element: Element | null): Color => {
    if (!element) return colorOf(getComputedStyle(document.body).backgroundColor);
    const color = colorOf(getComputedStyle(element).backgroundColor);
    return color[3] === 1 ? color : over(color, backgroundOf(element.parentElement));
  };
  /** Relative luminance, WCAG 2.2. */
  const luminance = (color: Color): number => {
    const [red, green, blue] = color
      .slice(0, 3)
      .map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * (red ?? 0) + 0.7152 * (green ?? 0) + 0.0722 * (blue ?? 0);
  };
  const isSeen = (element: Element): boolean =>
    element.checkVisibility() && !element.closest('.hidden, .skip, noscript, :disabled');
  const wrong: string[] = [];

  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.textContent?.trim() ?? '';
    const element = texts.currentNode.parentElement;
    if (text === '' || !element || !isSeen(element)) continue;
    const background = backgroundOf(element);
    const color = over(colorOf(getComputedStyle(element).color), background);
    const [light = 0, dark = 0] = [luminance(color), luminance(background)].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5) wrong.push(`the contrast of “${text.slice(0, 40)}” is ${contrast.toFixed(2)}`);
  }
  for (const control of document.querySelectorAll('a, button, input, select, pre, [tabindex="0"]')) {
    const { labels } = control as HTMLInputElement; // undefined for what has none
    const name = control.getAttribute('aria-label') ?? labels?.[0]?.textContent ?? control.textContent;
    if (!name?.trim()) wrong.push(`a ${control.tagName} has no name`);
  }
  const headings = document.querySelectorAll('h1').length;
  if (headings !== 1) wrong.push(`it has ${headings} h1`);
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) wrong.push(`it is ${scrollWidth - clientWidth} pixels too wide`);
  return wrong;
}

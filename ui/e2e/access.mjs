// Accessibility of a page by axe (WCAG AA): what is wrong, with the first elements.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export async function violations(page) {
  await page.evaluate(source);
  const found = await page.evaluate(async () => {
    const result = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] });
    return result.violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.length}) ${nodes.slice(0, 2).map((node) => node.html.slice(0, 140)).join(' | ')}`);
  });
  return found;
}

// Takes pictures of pages: node e2e/shots.mjs URL FOLDER /path[@dark|@phone|@lang=de] …
import { mkdirSync } from 'node:fs';
import { launch, openPage, signIn } from './browser.mjs';

const [url, folder, ...paths] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });
const browser = await launch();
for (const path of paths) {
  const [to, ...how] = path.split('@');
  const isPhone = how.includes('phone');
  const { page, faults, context } = await openPage(browser, url, {
    colorScheme: how.includes('dark') ? 'dark' : 'light',
    ...(isPhone && { viewport: { width: 390, height: 800 }, isMobile: true, hasTouch: true }),
  });
  const language = how.find((word) => word.startsWith('lang='))?.slice(5);
  try {
    if (to !== 'signin') {
      await signIn(page, 'admin', 'ironwood').catch(async (error) => { if (!isPhone) throw error; await page.getByLabel('Account').waitFor(); });
      if (language) await page.evaluate((code) => localStorage.setItem('ironwood.language', code), language);
      await page.goto(to);
    } else await page.goto('/');
    await page.waitForLoadState('networkidle');
    await page.waitForTimeout(300);
  } catch (error) { faults.push(String(error)); }
  const name = `${folder}/${(to.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '') || 'home')}${how.map((word) => `-${word}`).join('')}.png`;
  await page.screenshot({ path: name });
  console.log(name, faults.length ? faults : 'ok');
  await context.close();
}
await browser.close();

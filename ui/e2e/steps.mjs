// Steps that jobs share.
/** An answer of the API, read with the page's session. */
export const api = (page, path) => page.evaluate(async (path) => (await fetch(path)).json(), path);

/** A change through the API, for what a job finds when it begins. */
export const send = (page, method, path, body) =>
  page.evaluate(async ([method, path, body]) => {
    const token = /csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? '';
    const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': token };
    return (await fetch(path, { method, headers, body: JSON.stringify(body) })).json();
  }, [method, path, body]);

export const dialog = (page) => page.getByRole('dialog');

/** Chooses a row in an input that searches by typing. */
export async function choose(page, input, text) {
  await input.click();
  await input.fill(text);
  const option = page.getByRole('option').filter({ hasText: text }).first();
  await option.waitFor();
  await option.click();
}

/** A message of success; the page may have the same word elsewhere. */
export async function done(page, text) {
  await page.locator('.mantine-Notification-root').getByText(text, { exact: true }).first().waitFor();
}

/** An entry of the menu of the page's record. */
export async function fromMenu(page, entry) {
  await page.locator('main').getByRole('button', { name: 'Actions' }).first().click();
  await page.getByRole('menuitem', { name: entry, exact: true }).click();
}

/** A button within the open dialog, which closes it. */
export async function submit(page, name) {
  await dialog(page).getByRole('button', { name, exact: true }).click();
  await dialog(page).waitFor({ state: 'detached' });
}

export const tab = (page, name) => page.getByRole('tab', { name, exact: true }).click();

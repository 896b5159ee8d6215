// A scanner that types like a keyboard: key events with the short times of one, however slow the machine is.
const GAP = 0.004;
const CONTROL = { '\u001d': ']', '\u001e': '^', '\u0004': 'd' };

export async function scan(page, code) {
  await page.locator('html[data-scanner=ready]').waitFor();
  const session = await page.context().newCDPSession(page);
  let time = Date.now() / 1000;
  const press = async (key, text, modifiers = 0, windowsVirtualKeyCode = 0) => {
    time += GAP;
    await session.send('Input.dispatchKeyEvent', { type: text ? 'keyDown' : 'rawKeyDown', key, modifiers, timestamp: time, windowsVirtualKeyCode, ...(text && { text }) });
    await session.send('Input.dispatchKeyEvent', { type: 'keyUp', key, modifiers, timestamp: time, windowsVirtualKeyCode });
  };
  for (const character of code) {
    if (CONTROL[character]) await press(CONTROL[character], '', 2);
    else await press(character, character);
  }
  await press('Enter', '\r', 0, 13);
  await session.detach();
}

/** The code of a record, as the server prints it. */
export const codeOf = (page, model, pk) =>
  page.evaluate(async ([model, pk]) => {
    const token = /csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? '';
    const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': token };
    const answer = await fetch('/api/barcode/generate/', { method: 'POST', headers, body: JSON.stringify({ model, pk }) });
    return (await answer.json()).barcode;
  }, [model, pk]);

export const scanRecord = async (page, model, pk) => scan(page, await codeOf(page, model, pk));

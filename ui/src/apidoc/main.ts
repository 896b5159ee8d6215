/** The page about the API. Its head and first words are in the document; the viewer comes after them. */
import './policy';
import './page.css';

const base = new URL(document.baseURI).pathname;

interface Me {
  username: string;
}

/** Says who is signed in: requests from the page are sent as that user. */
async function showUser(): Promise<void> {
  const place = document.getElementById('user');
  if (!place) return;
  const response = await fetch(`${base}api/user/me/`, {
    headers: { Accept: 'application/json', 'X-Requested-With': 'XMLHttpRequest' },
    credentials: 'same-origin',
  });
  if (response.ok) {
    place.textContent = `Signed in as ${((await response.json()) as Me).username}`;
    return;
  }
  const link = document.createElement('a');
  link.href = base;
  link.textContent = 'Sign in to try requests';
  place.replaceChildren(link);
}

const place = document.getElementById('viewer');
if (place) {
  import('./viewer').then(({ show }) => show(place)).catch((error: unknown) => {
    const state = document.getElementById('state');
    if (state) state.textContent = `Cannot display the operations: ${error instanceof Error ? error.message : String(error)}`;
  });
}
showUser().catch(() => {});

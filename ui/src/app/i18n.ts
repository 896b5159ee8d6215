/** Texts. The English text is the key; a catalogue of another language maps it. */
import i18next from 'i18next';
import { useEffect, useSyncExternalStore } from 'react';
import englishTexts from './english.json';

type Catalogue = Record<string, () => Promise<{ default: Record<string, string> }>>;
const catalogues = import.meta.glob('../locales/*.json') as Catalogue;
/** What is said of fields and settings: needed by forms only, so no page waits for it. */
const helps = import.meta.glob('../locales/help/*.json') as Catalogue;

export const languages: Record<string, string> = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  zh: '中文',
};

const KEPT = 'ironwood.language';

/** The language of a tag such as `zh-hans`, where there is a catalogue. */
const known = (tag: unknown): string | undefined => {
  const code = typeof tag === 'string' ? tag.slice(0, 2).toLowerCase() : '';
  return code in languages ? code : undefined;
};

function preferred(): string {
  const kept = localStorage.getItem(KEPT);
  const wanted = [kept, ...navigator.languages].filter((tag): tag is string => Boolean(tag));
  return wanted.map(known).find(Boolean) ?? 'en';
}

async function load(language: string): Promise<void> {
  const catalogue = catalogues[`../locales/${language}.json`];
  if (language === 'en' || !catalogue || i18next.hasResourceBundle(language, 'translation')) return;
  i18next.addResourceBundle(language, 'translation', (await catalogue()).default);
  void helps[`../locales/help/${language}.json`]?.().then(({ default: texts }) => i18next.addResourceBundle(language, 'translation', texts, true, false));
}

/** The language that a user has chosen is kept in their profile, so it is there on every device. */
export function useLanguageOf(profile: { language?: unknown } | undefined): void {
  const wanted = known(profile?.language);
  useEffect(() => {
    if (wanted && wanted !== i18next.language) void setLanguage(wanted);
  }, [wanted]);
}

export async function setLanguage(language: string): Promise<void> {
  localStorage.setItem(KEPT, language);
  await load(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

export async function startTexts(): Promise<void> {
  const language = preferred();
  await i18next.init({
    lng: language,
    fallbackLng: false,
    keySeparator: false,
    nsSeparator: false,
    returnEmptyString: false,
    interpolation: { escapeValue: false },
    // English texts are their own translations, but for those of one thing
    resources: { en: { translation: englishTexts } },
  });
  i18next.on('languageChanged', changed);
  i18next.store.on('added', changed);
  await load(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

/** Texts without values, as they were found: a page has hundreds, and looking for one takes long. */
const found = new Map<string, string>();
let version = 0;
const listeners = new Set<() => void>();
const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

function changed(): void {
  found.clear();
  version += 1;
  listeners.forEach((listener) => listener());
}

export function translate(text: string, values?: Record<string, unknown>): string {
  if (values) return i18next.t(text, values);
  let kept = found.get(text);
  if (kept === undefined) found.set(text, (kept = i18next.t(text)));
  return kept;
}

/** The texts in the present language; what uses them is drawn again in another one. */
export function useTranslation() {
  useSyncExternalStore(subscribe, () => version);
  return { t: translate, i18n: i18next };
}

/** What a text is in English, whichever language the pages have. */
export const english = (text: string): string => (englishTexts as Record<string, string>)[text] ?? text;

/** The name of a state; catalogues have some under `…_state`, where the word is also that of a button. */
export const stateText = (label: string) => i18next.t(label, { context: 'state' }) as string;

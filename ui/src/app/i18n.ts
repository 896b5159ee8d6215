/** Texts. The English text is the key; a catalogue of another language maps it. */
import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

const catalogues = import.meta.glob<{ default: Record<string, string> }>('../locales/*.json');

export const languages: Record<string, string> = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  zh: '中文',
};

const KEPT = 'ironwood.language';

function preferred(): string {
  const kept = localStorage.getItem(KEPT);
  const wanted = [kept, ...navigator.languages].filter((tag): tag is string => Boolean(tag));
  return wanted.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag in languages) ?? 'en';
}

async function load(language: string): Promise<void> {
  const catalogue = catalogues[`../locales/${language}.json`];
  if (language === 'en' || !catalogue || i18next.hasResourceBundle(language, 'translation')) return;
  i18next.addResourceBundle(language, 'translation', (await catalogue()).default);
}

export async function setLanguage(language: string): Promise<void> {
  localStorage.setItem(KEPT, language);
  await load(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

export async function startTexts(): Promise<void> {
  const language = preferred();
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    keySeparator: false,
    nsSeparator: false,
    returnEmptyString: false,
    interpolation: { escapeValue: false },
    resources: {},
  });
  await load(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
}

export { useTranslation } from 'react-i18next';
export const translate = (text: string, values?: Record<string, unknown>) => i18next.t(text, values ?? {}) as string;

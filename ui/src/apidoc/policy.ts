/**
 * The viewer within the content policy, which takes no inline styles: elements of style bear the nonce of the page, and
 * attributes of style are set through the object model. Loaded before everything else.
 */
const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? '';

const create = document.createElement.bind(document) as (name: string, options?: ElementCreationOptions) => HTMLElement;
document.createElement = ((name: string, options?: ElementCreationOptions) => {
  const element = create(name, options);
  if (name.toLowerCase() === 'style') element.nonce = nonce;
  return element;
}) as typeof document.createElement;

// called with the element
const set = Element.prototype.setAttribute;
Element.prototype.setAttribute = function (this: Element, name: string, value: string) {
  if (name === 'style' && 'style' in this) (this as HTMLElement).style.cssText = value;
  else set.call(this, name, value);
};

const markup = Object.getOwnPropertyDescriptor(Element.prototype, 'innerHTML');
Object.defineProperty(Element.prototype, 'innerHTML', {
  ...markup,
  set(this: Element, value: unknown) {
    const text = String(value);
    markup?.set?.call(this, text.replace(/(<[^<>]*\s)style=/g, '$1data-style='));
    if (!text.includes('style=')) return;
    const inside = this instanceof HTMLTemplateElement ? this.content : this;
    for (const element of inside.querySelectorAll<HTMLElement>('[data-style]')) {
      element.style.cssText = element.dataset.style ?? '';
      element.removeAttribute('data-style');
    }
  },
});

// the library that checks the viewer's settings would try whether code can be made from text
(globalThis as { __zod_globalConfig?: object }).__zod_globalConfig = { jitless: true };

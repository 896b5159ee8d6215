/**
 * Parts of pages that are loaded when they are needed. What is there is drawn at once: React's own `lazy` waits in any
 * case, and React holds back what has waited for 300 ms after something else that has.
 */
import { type ComponentType, use } from 'react';

const loaders: (() => Promise<unknown>)[] = [];

/** `load` is also called while nothing else is to be done; what is large and seldom needed uses React's `lazy`. */
export function lazy<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): ComponentType<P> {
  let loaded: ComponentType<P> | undefined;
  let promise: Promise<ComponentType<P>> | undefined;
  const get = () =>
    (promise ??= load().then(
      (module) => (loaded = module.default),
      (error: unknown) => {
        // asked for again the next time
        promise = undefined;
        throw error;
      },
    ));
  loaders.push(get);
  return function Later(props: P) {
    const Content = loaded ?? use(get());
    return <Content {...props} />;
  };
}

/** Loads all such parts, one after the other. */
export async function loadParts(pause: () => Promise<void>): Promise<void> {
  // loading one may add others
  for (let at = 0; at < loaders.length; at += 1) {
    await pause();
    await loaders[at]?.().catch(() => {});
  }
}

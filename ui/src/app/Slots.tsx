/** What areas add to every page: `areas/<area>/header.tsx` (a button beside the account) and `areas/<area>/everywhere.tsx`. */
import { type ComponentType } from 'react';
import { lazy } from '@/shared/lazy';

type Loader = () => Promise<{ default: ComponentType }>;
const make = (found: Record<string, unknown>) => Object.values(found).map((load) => lazy(load as Loader));

const slots = {
  header: make(import.meta.glob('../areas/*/header.tsx')),
  everywhere: make(import.meta.glob('../areas/*/everywhere.tsx')),
};

export default function Slots({ name }: { name: keyof typeof slots }) {
  return (
    <>
      {slots[name].map((Part, index) => (
        <Part key={index} />
      ))}
    </>
  );
}

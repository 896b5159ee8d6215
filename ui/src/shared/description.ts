/** What a kind of record is: the one description from which its pages derive. */
import type { ComponentType, ReactNode } from 'react';
import type { Query, Row } from '@/api/client';
import type { Field } from '@/api/options';
import type { User } from '@/app/session';
import type { FilterKind } from './table/Filters';

export type IconType = ComponentType<{ size?: number | string; stroke?: number }>;
export type Verb = 'view' | 'add' | 'change' | 'delete';
export type Printing = 'label' | 'report';

/** The small part of a description, which is in the first script: enough for links, search and navigation. */
export interface Kind {
  /** The server's name of the model, as OPTIONS and barcodes have it. */
  model: string;
  /** First segment of the pages' addresses: `/parts`, `/parts/7`. */
  path: string;
  /** The list of the API. */
  api: string;
  name: string;
  plural: string;
  icon: IconType;
  /** Ruleset that says who may do what. */
  role?: string;
  /** What a row is called in links, choices and titles. */
  title: (row: Row) => string;
  /** A second, quieter line in choices. */
  subtitle?: (row: Row) => string;
  image?: (row: Row) => string | null | undefined;
  /** Parameters under which rows for choices have what `title` needs. */
  query?: Query;
  /** Name of its states, as `/api/generic/status/` has it: gives them their colors. */
  states?: string;
  /** Rows of this kind are found by Ctrl-K. */
  isSearched?: boolean;
  /** The rest of the description; absent where a kind has no pages of its own. */
  load?: () => Promise<{ default: Resource }>;
}

/** A column: the name of a field, or more about it. A dot leads into a nested row: `part_detail.revision`. */
export type Column = string | ColumnDetail;
export interface ColumnDetail {
  name: string;
  label?: string;
  render?: (row: Row) => ReactNode;
  /** Name to sort by, where it is another than the column's. */
  sort?: string | false;
  width?: number;
  align?: 'left' | 'right';
  /** Parameters of the list that rows need for it. */
  query?: Query;
}

export interface FormField {
  name: string;
  label?: string;
  hidden?: boolean;
  initial?: unknown;
  /** Filters for the choices of related rows, from the values of the form. */
  filters?: (values: Record<string, unknown>) => Query;
  /** Shown only where this holds. */
  when?: (values: Record<string, unknown>) => boolean;
  /** What differs from the server's description, or all of it for a field that OPTIONS does not describe. */
  field?: Partial<Field>;
}
export type FormFields = (string | FormField)[];

export interface Context {
  /** Reads what is shown again. */
  refresh: () => Promise<void>;
  /** Goes to another page; done when it is there. */
  go: (to: string) => Promise<void>;
}

/** Something that is done with one or several rows. */
export interface Action {
  name: string;
  label: string;
  icon: IconType;
  color?: string;
  /** Right that is needed; the role is the kind's unless named. */
  needs?: Verb;
  role?: string;
  /** For one row (detail page and row menu), several (bulk bar), or the list itself (above the table). */
  on: ('row' | 'bulk' | 'list')[];
  /** Whether it makes sense for these rows. */
  when?: (rows: Row[]) => boolean;
  /** A button on the detail page instead of an entry of its menu. */
  isMain?: boolean;
  /** It prints: there only where a template for this kind of record is. */
  prints?: { printing: Printing; model: string };
  /** Key that does it, while no field is typed in. */
  hotkey?: string;
  run: (rows: Row[], context: Context) => void | Promise<void>;
}

export interface TabProps {
  row: Row;
  refresh: () => Promise<void>;
}
export interface Tab {
  name: string;
  label: string;
  icon?: IconType;
  when?: (row: Row) => boolean;
  /** Number beside the label. */
  count?: (row: Row) => number | null | undefined;
  content: ComponentType<TabProps>;
}

/** A group of fields on the detail page. */
export interface Panel {
  title: string;
  fields: Column[];
}

export interface Badge {
  label: string;
  color: string;
}

export interface Resource {
  kind: Kind;
  /** Parameters of the list and of the single row. */
  query?: Query;
  /** Columns that are shown at first, in this order. Every other field can be added by the user. */
  columns: Column[];
  /** A hook: more columns that the user can add, which are no fields. */
  useMoreColumns?: () => Column[];
  /** A hook: more filters than the list's description names. */
  useMoreFilters?: () => FilterKind[];
  /** What such records are for, behind a question mark beside the title. */
  help?: string;
  /** Filters that stand in the menu first. All that the list knows are there. */
  filters?: string[];
  /** Filters that are set at first. */
  initialFilters?: Record<string, string>;
  sort?: string;
  /** Fields of the form, in order; without it, all that can be written. */
  form?: FormFields;
  /** Fields of the form for a new row, where they differ. */
  createForm?: FormFields;
  /** Fields that several rows can be given at once. */
  bulkEdit?: string[];
  panels?: Panel[];
  tabs?: Tab[];
  actions?: Action[];
  badges?: (row: Row) => Badge[];
  subtitle?: (row: Row) => ReactNode;
  /** What records of many kinds carry. */
  carries?: ('attachments' | 'parameters' | 'notes')[];
  /** The list's page, where it is more than the table. */
  list?: ComponentType;
  /** Rows above it, for the trail of links; each with the kind and the name of the field. */
  trail?: (row: Row) => { label: string; to: string }[];
  canCreate?: boolean;
  canEdit?: boolean;
  canDelete?: boolean | ((row: Row) => boolean);
  /** Deleted rows can be made again as they were, with the rows of these lists that name them by a field (`adopts`: rows that stay, and name the new one then); `make`: by another request. */
  restores?: { when?: (row: Row) => boolean; make?: (row: Row) => { url: string; values: Record<string, unknown> }; fixed?: Record<string, unknown>; with?: { api: string; by: string; fixed?: Record<string, unknown> }[]; adopts?: { api: string; by: string; query?: Query; put?: (rows: Row[], by: number) => Promise<unknown> }[] };
  /** What becomes of what is in such rows when they are deleted: said with the question. */
  deletion?: string;
  /** The list takes DELETE for several rows at once. */
  deletesTogether?: boolean;
  /** Values for a copy of a row; there is an action for it where this is given. */
  duplicate?: (row: Row) => Record<string, unknown>;
  /** What an empty table says. */
  empty?: string;
}

/** Tags are in an answer only where it is asked for them. */
export const hasTags = ({ form }: Resource): boolean => form?.some((field) => (typeof field === 'string' ? field : field.name) === 'tags') ?? false;

export const defineResource = (resource: Resource): Resource => resource;

/** A page that is not about a kind of record. */
export interface PageEntry {
  path: string;
  title: string;
  icon: IconType;
  load: () => Promise<{ default: ComponentType }>;
  /** Words that Ctrl-K finds it by, besides its title. */
  words?: string;
  isStaff?: boolean;
  /** Rights of which one is needed. */
  needs?: [role: string, verb: Verb][];
  /** Without navigation and search: nothing else is on the screen. */
  isBare?: boolean;
  /** Who begins here instead of at home. */
  startsFor?: (user: User) => boolean;
}

/** Something that Ctrl-K does from any page. */
export interface Command {
  name: string;
  label: string;
  icon: IconType;
  words?: string;
  role?: string;
  needs?: Verb;
  run: () => void | Promise<void>;
}

/** What an area adds to the application; `areas/<area>/index.ts` exports one as `area`. */
export interface Area {
  name: string;
  label: string;
  icon: IconType;
  /** Place in the navigation; none: not in it. */
  order?: number;
  kinds?: Kind[];
  pages?: PageEntry[];
  commands?: Command[];
  /** Paths of kinds and pages in the navigation, in order. */
  navigation?: string[];
}

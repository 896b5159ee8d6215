/** Addresses of other front ends, and those that the server hands out: `/web/stock/item/4` is the page `/stock/4`. */

/** Paths before the key of a record, with the model; longer ones first where one begins another. */
export const PATHS: [path: string, model: string][] = [
  ['/part/category', 'partcategory'],
  ['/part', 'part'],
  ['/stock/item', 'stockitem'],
  ['/stock/location', 'stocklocation'],
  ['/stock/transfer-order', 'transferorder'],
  ['/transfer-order', 'transferorder'],
  ['/order/transfer-order', 'transferorder'],
  ['/manufacturing/build-order', 'build'],
  ['/build', 'build'],
  ['/build-order', 'build'],
  ['/purchasing/purchase-order', 'purchaseorder'],
  ['/purchase-order', 'purchaseorder'],
  ['/order/purchase-order', 'purchaseorder'],
  ['/purchasing/supplier-part', 'supplierpart'],
  ['/supplier-part', 'supplierpart'],
  ['/purchasing/manufacturer-part', 'manufacturerpart'],
  ['/manufacturer-part', 'manufacturerpart'],
  ['/company', 'company'],
  ['/purchasing/supplier', 'company'],
  ['/purchasing/manufacturer', 'company'],
  ['/sales/customer', 'company'],
  ['/sales/sales-order', 'salesorder'],
  ['/sales-order', 'salesorder'],
  ['/order/sales-order', 'salesorder'],
  ['/sales/shipment', 'salesordershipment'],
  ['/shipment', 'salesordershipment'],
  ['/sales/return-order', 'returnorder'],
  ['/return-order', 'returnorder'],
  ['/order/return-order', 'returnorder'],
  ['/core/user', 'user'],
  ['/core/group', 'group'],
];

/** Where the pages of areas stood; what follows such a path names a view of it. */
const PAGES: [path: string, to: string][] = [
  ['/part/category', '/categories'],
  ['/part', '/parts'],
  ['/stock/location', '/locations'],
  ['/stock', '/stock'],
  ['/manufacturing', '/builds'],
  ['/purchasing', '/purchase-orders'],
  ['/sales', '/sales-orders'],
  ['/settings/admin', '/admin'],
  ['/settings/user', '/profile'],
  ['/core', '/users'],
  ['/notifications', '/notifications'],
  ['/scan', '/scan'],
  ['/home', '/'],
  ['/login', '/'],
  ['/', '/'],
];

const ROOT = /^\/(web|platform)(?=\/|$)/;

/**
 * The page of this front end for another's address; nothing where it is none. `linkTo` gives the page of a record.
 * Pages of areas are looked for only below `/web` and `/platform`.
 */
export function pageFor(pathname: string, linkTo: (model: string, pk: number) => string | undefined): string | undefined {
  const path = pathname.replace(ROOT, '').replace(/\/+$/, '') || '/';
  for (const [before, model] of PATHS) {
    if (!path.startsWith(`${before}/`)) continue;
    const key = path.slice(before.length + 1).split('/')[0] ?? '';
    const to = /^\d{1,15}$/.test(key) ? linkTo(model, Number(key)) : undefined;
    if (to) return to;
  }
  if (!ROOT.test(pathname)) return undefined;
  return PAGES.find(([before]) => path === before || path.startsWith(`${before}/`) || before === '/')?.[1];
}

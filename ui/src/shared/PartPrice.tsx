/** Prices that the server works out for parts: rows of lists name no currency for them. */
import { useQuery } from '@tanstack/react-query';
import { get, type Row } from '@/api/client';
import { price } from './format';

const MINUTES = 10 * 60_000;

/** The currency of worked-out prices. All are in the same one, so that of any part says it. */
export function usePriceCurrency(part: unknown): unknown {
  const { data } = useQuery({
    queryKey: ['price-currency'],
    queryFn: async ({ signal }) => (await get<Row>(`/api/part/${String(part)}/pricing/`, {}, signal)).currency,
    enabled: typeof part === 'number',
    staleTime: MINUTES,
  });
  return data;
}

export function PartPrice({ part, value, times = 1 }: { part: unknown; value: unknown; times?: number }) {
  const currency = usePriceCurrency(part);
  if (value === null || value === undefined || value === '') return <>–</>;
  return <>{currency ? price(Number(value) * times, currency) : ''}</>;
}

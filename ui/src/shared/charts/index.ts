/** Charts; a script of its own, so only what is loaded when it is opened imports this. */
import '@mantine/charts/styles.css';

export { AreaChart, BarChart, LineChart } from '@mantine/charts';

/** Colors of series that are told apart on light and dark. */
export const SERIES = ['ironwood.6', 'blue.6', 'orange.6', 'grape.6', 'cyan.7', 'red.6', 'lime.7', 'pink.6'] as const;
export const seriesColor = (index: number): string => SERIES[index % SERIES.length] ?? 'blue.6';

/** Colors and sizes. */
import { Badge, createTheme, Modal } from '@mantine/core';

export const theme = createTheme({
  primaryColor: 'ironwood',
  primaryShade: { light: 8, dark: 7 },
  colors: {
    ironwood: ['#eff8f3', '#dff0e7', '#bbdfcb', '#94ceae', '#73bf95', '#5eb685', '#48996f', '#327f59', '#236747', '#174f35'],
  },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif',
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    // darker texts than usual on light badges, so that they are read well
    Badge: Badge.extend({
      vars: (_, { variant, color }) => {
        if (variant !== 'light' || !color) return { root: {} };
        const [dark, light] = [`var(--mantine-color-${color}-9)`, `var(--mantine-color-${color}-2)`];
        return { root: { '--badge-color': `light-dark(color-mix(in srgb, ${dark}, black 30%), ${light})` } };
      },
    }),
    Modal: Modal.extend({ defaultProps: { overlayProps: { backgroundOpacity: 0.45 } }, styles: { title: { fontWeight: 600 } } }),
  },
});

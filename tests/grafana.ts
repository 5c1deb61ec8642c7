import { test as base } from '@grafana/plugin-e2e';

export { expect } from '@grafana/plugin-e2e';

/**
 * Before every test @grafana/plugin-e2e opens Grafana's home page twice, once for the version that stands in it. Here it
 * comes without its programs: nothing looks at it, and on two cores they cost more than most tests.
 */
export const test = base.extend({
  context: async ({ context, baseURL }, use) => {
    await context.route(new URL('/', baseURL).toString(), async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replace(/<script\b[^>]*\bsrc=[^>]*>\s*<\/script>/g, '');
      await route.fulfill({ response, body });
    });
    await use(context);
  },
});

import { type DashboardPage, expect, test } from '@grafana/plugin-e2e';
import type { Page } from '@playwright/test';

import { DASHBOARDS, LAST_DAY, SAMPLES } from './names';

// Panels below the fold do not load before they are scrolled to.
test.use({ viewport: { width: 1280, height: 4000 } });

const panelError = (page: Page) => page.getByTestId('data-testid Panel status error');

/** The address of a dashboard with our data source and a day that holds incidents. */
const samples = () => new URLSearchParams({ 'var-datasource': SAMPLES.uid, ...LAST_DAY });

/** The panel that shows the steps, whatever it is called. */
function steps(dashboard: DashboardPage, uid: string) {
  const shipped = DASHBOARDS.find((one) => one.uid === uid);
  const panel = shipped?.panels.find(({ options }) => options?.content?.includes('${steps'));
  return dashboard.getPanelByTitle(panel?.title ?? '').locator;
}

for (const { uid, title, panels } of DASHBOARDS) {
  test(`${title} opens without an error`, async ({ gotoDashboardPage, page }) => {
    const failed: string[] = [];
    page.on('response', (answer) => {
      if (answer.url().includes('/api/ds/query') && !answer.ok()) {
        failed.push(`${answer.status()} ${answer.url()}`);
      }
    });
    const dashboard = await gotoDashboardPage({ uid, queryParams: samples() });
    const [first] = panels.filter(({ type }) => type !== 'row');
    await expect(dashboard.getPanelByTitle(first.title).locator).toBeVisible();
    await page.waitForLoadState('networkidle');
    await expect(panelError(page)).toHaveCount(0);
    expect(failed).toEqual([]);
  });
}

test('an incident of the overview leads to its steps', async ({ gotoDashboardPage, page }) => {
  const overview = await gotoDashboardPage({ uid: 'blueking-incidents-overview', queryParams: samples() });
  const link = page.locator('a[href*="/d/blueking-incidents-incident"]').first();
  await expect(link).toBeVisible();
  const target = new URL((await link.getAttribute('href')) ?? '', page.url());
  expect(target.searchParams.get('var-incident')).toBeTruthy();
  expect(target.searchParams.get('var-datasource')).toBe(SAMPLES.uid);
  // The link itself, not the click: a cell may open a menu, or the link a new tab.
  await page.goto(target.toString());
  const panel = steps(overview, 'blueking-incidents-incident');
  await expect(panel).toContainText(/\S{3}/);
  await expect(panel).not.toContainText('${steps');
  await expect(panelError(page)).toHaveCount(0);
});

test('the runbook of a signature shows its steps', async ({ gotoDashboardPage, page }) => {
  const queryParams = samples();
  queryParams.set('var-signature', 'job-api-401');
  const runbook = await gotoDashboardPage({ uid: 'blueking-incidents-runbook', queryParams });
  const panel = steps(runbook, 'blueking-incidents-runbook');
  await expect(panel.locator('h1, h2, h3, ol, ul').first()).toBeVisible();
  await expect(panel).not.toContainText('${steps');
  await expect(panelError(page)).toHaveCount(0);
});

import type { DashboardPage } from '@grafana/plugin-e2e';
import type { APIRequestContext, Locator, Page } from '@playwright/test';

import { asksFor } from './editor';
import { expect, test } from './grafana';
import { type Dashboard, DASHBOARDS, LAST_DAY, type Panel, SAMPLES } from './names';

// Panels below the fold do not load before they are scrolled to.
test.use({ viewport: { width: 1280, height: 4000 } });

const OVERVIEW = 'blueking-incidents-overview';
const INCIDENT = 'blueking-incidents-incident';
const RUNBOOK = 'blueking-incidents-runbook';

const panelError = (inside: Page | Locator) => inside.getByTestId('data-testid Panel status error');

/** The address of a dashboard with our data source and a day that holds incidents. */
const samples = () => new URLSearchParams({ 'var-datasource': SAMPLES.uid, ...LAST_DAY });

/** The panels as this Grafana has them, in Chinese perhaps. */
async function panelsOf(request: APIRequestContext, uid: string): Promise<Panel[]> {
  const { dashboard }: { dashboard: Dashboard } = await (await request.get(`/api/dashboards/uid/${uid}`)).json();
  return dashboard.panels.filter(({ type }) => type !== 'row');
}

/** The panels that ask no data source of a kind that this Grafana has none of. */
async function answerable(request: APIRequestContext, panels: Panel[]): Promise<Panel[]> {
  const sources: Array<{ type: string }> = await (await request.get('/api/datasources')).json();
  const kinds = new Set(sources.map(({ type }) => type));
  return panels.filter(({ datasource }) => !datasource || kinds.has(datasource.type));
}

/** The first panel that asks for something; two panels may share a title. */
async function panelWith(dashboard: DashboardPage, request: APIRequestContext, uid: string, queryType: string) {
  const panels = await panelsOf(request, uid);
  const found = panels.find(({ targets }) => targets?.some((target) => target.queryType === queryType));
  expect(found, `a panel of ${uid} that asks for ${queryType}`).toBeDefined();
  return dashboard.getPanelByTitle(found?.title ?? '').locator.first();
}

/** The first command of the steps that a page gets, as the backend sends it. */
async function firstCommand(page: Page): Promise<string> {
  const answer = await page.waitForResponse((one) => asksFor('"queryType":"steps"')(one.request()));
  expect(answer.status()).toBe(200);
  const { results } = await answer.json();
  for (const { frames } of Object.values<{ frames: Frame[] }>(results)) {
    for (const { schema, data } of frames) {
      const column = schema.fields.findIndex(({ name }) => name === 'command');
      const command = data.values[column]?.find((value) => typeof value === 'string' && value !== '');
      if (typeof command === 'string') {
        return command;
      }
    }
  }
  throw new Error('no step has a command');
}

interface Frame {
  schema: { fields: Array<{ name: string }> };
  data: { values: unknown[][] };
}

async function showsWhole(panel: Locator, command: string) {
  await expect(panel).toContainText(command.split('\n')[0]);
}

for (const { uid, title } of DASHBOARDS) {
  test(`${title} opens without an error`, async ({ gotoDashboardPage, page, request }) => {
    const failed: string[] = [];
    page.on('response', (answer) => {
      if (answer.url().includes('/api/ds/query') && !answer.ok()) {
        failed.push(`${answer.status()} ${answer.url()}`);
      }
    });
    const dashboard = await gotoDashboardPage({ uid, queryParams: samples() });
    for (const panel of await panelsOf(request, uid)) {
      await expect(dashboard.getPanelByTitle(panel.title).locator.first()).toBeVisible();
    }
    await page.waitForLoadState('networkidle');
    // The page of the plugin's own numbers asks a Prometheus; a Grafana without one says so on those panels only.
    for (const { title: name } of await answerable(request, await panelsOf(request, uid))) {
      await expect(panelError(dashboard.getPanelByTitle(name).locator)).toHaveCount(0);
    }
    await expect(page.getByText(/unexpected error/i)).toHaveCount(0);
    expect(failed).toEqual([]);
  });
}

test('an incident of the overview leads to its steps', async ({ gotoDashboardPage, page, request }) => {
  const overview = await gotoDashboardPage({ uid: OVERVIEW, queryParams: samples() });
  // The dashboards link to each other without an incident.
  const link = page.locator(`a[href*="/d/${INCIDENT}"][href*="var-incident="]`).first();
  await expect(link).toBeVisible();
  const target = new URL((await link.getAttribute('href')) ?? '', page.url());
  expect(target.searchParams.get('var-incident')).toBeTruthy();
  expect(target.searchParams.get('var-datasource')).toBe(SAMPLES.uid);
  // The link itself, not the click: a cell may open a menu, or the link a new tab.
  const [command] = await Promise.all([firstCommand(page), page.goto(target.toString())]);
  await showsWhole(await panelWith(overview, request, INCIDENT, 'steps'), command);
  await expect(panelError(page)).toHaveCount(0);
});

test('the runbook of a signature shows its steps', async ({ gotoDashboardPage, page, request }) => {
  const queryParams = samples();
  queryParams.set('var-signature', 'job-api-401');
  const [command, runbook] = await Promise.all([firstCommand(page), gotoDashboardPage({ uid: RUNBOOK, queryParams })]);
  await showsWhole(await panelWith(runbook, request, RUNBOOK, 'steps'), command);
  await expect(panelError(page)).toHaveCount(0);
});

import { asksFor, choose, field, run, STAT, TYPE } from './editor';
import { expect, test } from './grafana';
import { LAST_DAY, SAMPLES } from './names';

test.beforeEach(async ({ panelEditPage }) => {
  await panelEditPage.datasource.set(SAMPLES.name);
  await expect(field(panelEditPage.getQueryEditorRow('A'), TYPE)).toBeVisible();
});

test('a new panel lists the incidents', async ({ panelEditPage, page }) => {
  await panelEditPage.timeRange.set(LAST_DAY);
  await panelEditPage.setVisualization('Table');
  await expect(field(panelEditPage.getQueryEditorRow('A'), TYPE)).toHaveValue('Incidents');
  expect((await run(page)).status()).toBe(200);
  // A row that leads to its incident; the cells of the classic table have another role than those of the new one.
  await expect(panelEditPage.panel.locator.locator('a[href*="var-incident="]').first()).toBeVisible();
});

test('each type is answered', async ({ panelEditPage, page }) => {
  const row = panelEditPage.getQueryEditorRow('A');
  for (const type of ['Count', 'Evidence', 'Signatures', 'Health', 'Timeline', 'Unmatched']) {
    await test.step(type, async () => {
      const answered = page.waitForResponse((one) => asksFor(`"queryType":"${type.toLowerCase()}"`)(one.request()));
      await choose(row, TYPE, type);
      await expect(field(row, TYPE)).toHaveValue(type);
      const answer = await answered;
      expect(answer.status()).toBe(200);
    });
  }
});

test('steps ask for an incident or a signature, and are not sent before', async ({ panelEditPage, page }) => {
  const row = panelEditPage.getQueryEditorRow('A');
  await choose(row, TYPE, 'Steps');
  await expect(row.getByText(/^Steps belong to an incident or a signature/)).toBeVisible();
  const answered = page.waitForResponse((answer) => asksFor('"job-api-401"')(answer.request()));
  const signatures = field(row, /^Signatures/);
  await signatures.fill('job-api-401');
  await signatures.press('Enter');
  expect((await answered).status()).toBe(200);
  expect((await answered).request().postDataJSON().queries[0]).toMatchObject({ queryType: 'steps' });
});

test('the type decides which fields are shown', async ({ panelEditPage }) => {
  const row = panelEditPage.getQueryEditorRow('A');
  await expect(field(row, /^States/)).toBeVisible();
  await choose(row, TYPE, 'Count');
  await expect(field(row, STAT)).toHaveValue('Active');
  await expect(field(row, /^States/)).toBeHidden();
});

test('chosen signatures reach the backend', async ({ panelEditPage, page }) => {
  const signatures = field(panelEditPage.getQueryEditorRow('A'), /^Signatures/);
  const request = page.waitForRequest(asksFor('"gse-not-connected"'));
  await signatures.fill('gse-not-connected');
  await signatures.press('Enter');
  const [query] = (await request).postDataJSON().queries;
  expect(query).toMatchObject({ queryType: 'incidents', signatures: ['gse-not-connected'] });
});

test('the editor explains what the query asks Loki for', async ({ panelEditPage }) => {
  const row = panelEditPage.getQueryEditorRow('A');
  await expect(row.getByText(/^Looks in the logs of .*; answers with one row for each incident\.$/)).toBeVisible();
  await row.getByRole('button', { name: 'What this asks Loki for' }).click();
  await expect(row.getByText(/^\{.*\} \|= "/).first()).toBeVisible();
  await expect(row.getByRole('button', { name: 'Copy', exact: true }).first()).toBeVisible();
});

import { expect } from '@grafana/plugin-e2e';
import type { Locator, Page, Request, Response } from '@playwright/test';

/** A field of an editor by its label. Grafana may speak English or Chinese. */
export function field(row: Locator | Page, name: RegExp): Locator {
  return row.getByRole('combobox', { name });
}

/** Opens a select, types what narrows the list (only what fits the screen is rendered), and picks the option. */
export async function choose(row: Locator | Page, name: RegExp, option: string): Promise<void> {
  const input = field(row, name);
  await expect(input).toBeEnabled();
  await input.click();
  await input.fill(option);
  const page = 'page' in row ? row.page() : row;
  await page
    .getByRole('option', { name: new RegExp(`^${option}`) })
    .first()
    .click();
}

export const TYPE = /^(Query type|查询类型)/;
export const STAT = /^(Count of|统计)/;
export const VIEW = /^(View|视图)/;

/** Whether a request asks the backend with a text in one of its queries. */
export function asksFor(text: string): (request: Request) => boolean {
  return (request) => request.url().includes('/api/ds/query') && (request.postData() ?? '').includes(text);
}

/**
 * Runs the query of a panel's editor or of Explore. As `refreshPanel()` and `runQuery()` of @grafana/plugin-e2e, which give
 * up the button after one or two seconds: too soon for a small machine.
 */
export async function run(page: Page): Promise<Response> {
  const answer = page.waitForResponse((one) => one.url().includes('/api/ds/query'));
  await page.getByTestId('data-testid RefreshPicker run button').click();
  return answer;
}

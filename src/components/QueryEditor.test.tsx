import React, { useState } from 'react';
import { CoreApp } from '@grafana/data';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';

import { aDatasource } from '../testdata/datasource';
import type { IncidentsQuery } from '../types';
import { AnnotationEditor } from './AnnotationEditor';
import { QueryEditor } from './QueryEditor';
import { QueryEditorHelp } from './QueryEditorHelp';
import { VariableEditor } from './VariableEditor';

const onChange = jest.fn();
const onRunQuery = jest.fn();

async function show(query: Partial<IncidentsQuery>, app = CoreApp.PanelEditor, datasource = aDatasource()) {
  function Editor() {
    const [current, setCurrent] = useState({ refId: 'A', ...query } as IncidentsQuery);
    const change = (next: IncidentsQuery) => {
      onChange(next);
      setCurrent(next);
    };
    return <QueryEditor app={app} datasource={datasource} query={current} onChange={change} onRunQuery={onRunQuery} />;
  }
  render(<Editor />);
  await waitFor(() => expect(datasource.getResource).toHaveBeenCalledWith('clusters'));
}

const labels = () => screen.getAllByText(/./, { selector: 'label' }).map((label) => label.textContent);

beforeEach(() => jest.clearAllMocks());

describe('QueryEditor', () => {
  it('shows what applies to a table of incidents', async () => {
    await show({});
    expect(labels()).toEqual([
      'Query type',
      'Signatures',
      'Severities',
      'States',
      'Sources',
      'Clusters',
      'Hosts',
      'Label filters',
      'Incident',
      'Row limit',
      'Language',
    ]);
  });

  it('shows what applies to an alert', async () => {
    await show({ queryType: 'alert', view: 'identity' }, CoreApp.UnifiedAlerting);
    expect(labels()).toEqual([
      'Query type',
      'View',
      'Signatures',
      'Severities',
      'Sources',
      'Clusters',
      'Hosts',
      'Label filters',
    ]);
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it('warns about a table in an alert rule', async () => {
    await show({ queryType: 'incidents' }, CoreApp.UnifiedAlerting);
    expect(screen.getByRole('status')).toHaveTextContent('An alert rule needs numbers');
  });

  it('stores chosen signatures and runs the query', async () => {
    await show({});
    await userEvent.click(screen.getByLabelText('Signatures'));
    await userEvent.click(await screen.findByText('Agent 未连接'));
    expect(onChange).toHaveBeenLastCalledWith({
      refId: 'A',
      queryType: 'incidents',
      signatures: ['gse-not-connected'],
    });
    expect(onRunQuery).toHaveBeenCalledTimes(1);
  });

  it('accepts a typed variable', async () => {
    await show({});
    await userEvent.type(screen.getByLabelText('Hosts'), '$host{Enter}');
    expect(onChange).toHaveBeenLastCalledWith(expect.objectContaining({ hosts: ['$host'] }));
  });

  it('runs a typed incident when it is finished, not letter by letter', async () => {
    await show({ queryType: 'steps' });
    await userEvent.type(screen.getByLabelText('Incident'), 'abc~1');
    expect(onRunQuery).not.toHaveBeenCalled();
    await userEvent.tab();
    expect(onChange).toHaveBeenLastCalledWith({ refId: 'A', queryType: 'steps', incident: 'abc~1' });
    expect(onRunQuery).toHaveBeenCalledTimes(1);
  });

  it('shows and removes label filters', async () => {
    await show({ queryType: 'count', matchers: [{ name: 'namespace', op: '=', value: 'blueking' }] });
    expect(screen.getByRole('combobox', { name: 'Label' })).toHaveValue('namespace');
    expect(screen.getByRole('combobox', { name: 'Value' })).toHaveValue('blueking');
    await userEvent.click(screen.getByRole('button', { name: 'Remove filter' }));
    expect(onChange).toHaveBeenLastCalledWith({ refId: 'A', queryType: 'count' });
  });

  it('says why suggestions are missing', async () => {
    const datasource = aDatasource();
    jest.mocked(datasource.getResource).mockRejectedValue({ data: { message: 'Loki answers 401' } });
    await show({}, CoreApp.PanelEditor, datasource);
    expect(await screen.findByText('Loki answers 401')).toBeInTheDocument();
  });
});

describe('AnnotationEditor', () => {
  it('shows filters only and stores the type', async () => {
    const datasource = aDatasource();
    render(
      <AnnotationEditor
        datasource={datasource}
        query={{ refId: 'Anno' } as IncidentsQuery}
        onChange={onChange}
        onRunQuery={onRunQuery}
      />
    );
    await userEvent.click(screen.getByLabelText('Severities'));
    await userEvent.click(await screen.findByText('High'));
    expect(screen.queryByLabelText('Query type')).not.toBeInTheDocument();
    expect(onChange).toHaveBeenLastCalledWith({ refId: 'Anno', queryType: 'annotations', severities: ['high'] });
  });
});

describe('VariableEditor', () => {
  it('shows the filters of what it lists', async () => {
    render(
      <VariableEditor
        datasource={aDatasource()}
        query={{ refId: 'V', queryType: 'incidents' }}
        onChange={onChange}
        onRunQuery={onRunQuery}
      />
    );
    await userEvent.click(screen.getByLabelText('States'));
    await userEvent.click(await screen.findByText('Active'));
    expect(screen.getByLabelText('List')).toHaveValue('Incidents');
    expect(onChange).toHaveBeenLastCalledWith({ refId: 'V', queryType: 'incidents', states: ['active'] });
  });
});

describe('QueryEditorHelp', () => {
  it('hands over an example', async () => {
    const onClickExample = jest.fn();
    render(<QueryEditorHelp datasource={aDatasource()} query={{} as IncidentsQuery} onClickExample={onClickExample} />);
    await userEvent.click(screen.getByText('What is broken now?'));
    expect(onClickExample).toHaveBeenCalledWith({ refId: 'A', queryType: 'incidents', states: ['active'] });
  });
});

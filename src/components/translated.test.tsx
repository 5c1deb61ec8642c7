import React from 'react';
import { render, screen } from '@testing-library/react';

import { plugin } from '../module';
import { translationsReady } from '../translations';
import { translated } from './translated';

jest.mock('../translations', () => ({ translationsReady: jest.fn(async () => undefined) }));

describe('translated', () => {
  it('loads a component when it is shown, and waits for its texts', async () => {
    const Name = ({ name }: { name: string }) => <p>{name}</p>;
    const load = jest.fn(async () => Name);
    const Greeting = translated(load);
    expect(load).not.toHaveBeenCalled();
    const { rerender } = render(<Greeting name="one" />);
    expect(await screen.findByText('one')).toBeInTheDocument();
    expect(translationsReady).toHaveBeenCalledTimes(1);
    rerender(<Greeting name="two" />);
    expect(screen.getByText('two')).toBeInTheDocument();
    expect(load).toHaveBeenCalledTimes(1);
  });
});

describe('the plugin', () => {
  it('has all its editors', () => {
    expect(plugin.components.ConfigEditor).toBeDefined();
    expect(plugin.components.QueryEditor).toBeDefined();
    expect(plugin.components.QueryEditorHelp).toBeDefined();
  });
});

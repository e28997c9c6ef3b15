// The words of the shell and the overview. Those of other pages and of dialogs: `en_pages.ts`.
import { access } from './en/access';
import { common } from './en/common';
import { components } from './en/components';
import { overview } from './en/overview';
import { shell } from './en/shell';
import { words } from './en/words';

const strings = {
  access, common, components, overview, shell, words,
};

export type CoreStrings = typeof strings;

export default strings;

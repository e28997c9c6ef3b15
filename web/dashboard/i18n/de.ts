import type { CoreStrings } from './en';
import { access } from './de/access';
import { common } from './de/common';
import { components } from './de/components';
import { overview } from './de/overview';
import { shell } from './de/shell';
import { words } from './de/words';

const strings: CoreStrings = {
  access, common, components, overview, shell, words,
};

export default strings;

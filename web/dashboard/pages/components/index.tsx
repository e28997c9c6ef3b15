// Every component in every state, for development and for the tests of accessibility. Its words are samples, so they are not translated.
import { PageHeader } from '../../components';
import { Choices } from './choices';
import { Layers } from './layers';
import { Lists } from './lists';
import { Pickers } from './pickers';
import { Pieces } from './pieces';

export default function Components() {
  return (
    <div class="gallery">
      <PageHeader title="Components" description="Every component in every state." />
      <Pieces />
      <Choices />
      <Layers />
      <Pickers />
      <Lists />
    </div>
  );
}

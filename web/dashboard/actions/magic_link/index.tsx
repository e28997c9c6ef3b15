import type { DialogProps } from '../../actions';

export default function MagicLinkDialog({ onClose }: DialogProps) {
  onClose();
  return null;
}

import { NothingHere } from "@/components/ui/NothingHere";

export default function NotFound() {
  return <NothingHere />;
}

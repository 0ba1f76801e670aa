export default function Page() {
  return <p>Rules</p>;
}

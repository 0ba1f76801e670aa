// The only file that knows which router is in use.
import NextLink from "next/link";
import { usePathname, useRouter, useSearchParams } from "next/navigation";

export const Link = NextLink;
export const usePath = usePathname;
export const useParams = () => useSearchParams();
export const useNavigate = () => useRouter().push;

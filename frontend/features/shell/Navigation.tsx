"use client";

import { chakra } from "@chakra-ui/react";
import { ScrollText, Split } from "lucide-react";
import { Link, usePath } from "@/lib/router";

const NavLink = chakra(Link, {
  base: {
    display: "flex",
    alignItems: "center",
    gap: "2",
    h: { base: "11", md: "8" },
    px: { base: "3", md: "2" },
    rounded: "l2",
    color: "fg.muted",
    fontWeight: "medium",
    focusVisibleRing: "inside",
    _hover: { color: "fg" },
    "&[aria-current=page]": { bg: "bg.muted", color: "fg" },
  },
});

const places = [
  { href: "/", name: "Rules", icon: Split, holds: (path: string) => !path.startsWith("/audit") },
  {
    href: "/audit/",
    name: "Audit",
    icon: ScrollText,
    holds: (path: string) => path.startsWith("/audit"),
  },
];

export function Navigation() {
  const path = usePath();
  return (
    <chakra.nav display="flex" flexDirection={{ base: "row", md: "column" }} gap="1">
      {places.map(({ href, name, icon: Icon, holds }) => (
        <NavLink
          key={href}
          href={href}
          prefetch={false}
          aria-current={holds(path) ? "page" : undefined}
        >
          <Icon size={15} aria-hidden="true" />
          {name}
        </NavLink>
      ))}
    </chakra.nav>
  );
}

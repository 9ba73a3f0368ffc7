"""What other programs are told of a page: schema.org data, which a template prints as it is.

An address is named only if it is known where the site is published.
"""

from __future__ import annotations

LICENSE = "https://creativecommons.org/licenses/by/4.0/"
SITE = "Keras en vivo"

_COMMON = {"inLanguage": "es", "isAccessibleForFree": True, "license": LICENSE}


def structured(
    meta: dict, page: str, url: str, course: dict | None, found: list[dict], site_url: str
) -> dict | None:
    """A page as schema.org knows it: the course, a class of it or a lesson; None if it is none of them.

    Args:
        meta: The page's front matter.
        page: Its name.
        url: Its address, from the root of the site.
        course: The class that it is or belongs to.
        found: Every class, on the home page; nothing on the others.
        site_url: Where the site is published; "" if it is not known.
    """
    told = {"@context": "https://schema.org"}
    if found:
        told |= _course(SITE, meta.get("description", ""), url, site_url)
        told["hasPart"] = [_course(c["title"], c["what"], c["url"], site_url) for c in found]
        return told
    if course is None:
        return None
    name = _whole(course)
    if page == course["page"]:
        told |= _course(name, meta.get("description", course["what"]), url, site_url)
        told["isPartOf"] = _course(SITE, "", "", site_url)
        if course["minutes"]:
            told["timeRequired"] = f"PT{course['minutes']}M"
        return told
    told |= {"@type": "LearningResource", "name": meta.get("title", page), **_COMMON}
    told["description"] = meta.get("description", course["what"])
    told["learningResourceType"] = "homework" if page.endswith("/homework") else "lección"
    told["isPartOf"] = _course(name, course["what"], course["url"], site_url)
    return told | _at(url, site_url)


def _whole(course: dict) -> str:
    return f"{course['kind']}: {course['title']}" if course["kind"] else course["title"]


def _course(name: str, description: str, url: str, site_url: str) -> dict:
    made = {"@type": "Course", "name": name, **_COMMON}
    if description:
        made["description"] = description
    made["provider"] = {"@type": "Organization", "name": SITE, **_at("", site_url)}
    return made | _at(url, site_url)


def _at(url: str, site_url: str) -> dict:
    return {"url": f"{site_url.rstrip('/')}/{url}"} if site_url else {}

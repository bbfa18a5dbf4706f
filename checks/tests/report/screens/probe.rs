//! What is wrong with a page as it is shown: asked of the browser, which knows where everything came to lie.

use std::fmt;

use serde_json::json;

use crate::browser::Browser;

/// How a page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Light,
    Dark,
    Paper,
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Scheme::Light => "light",
            Scheme::Dark => "dark",
            Scheme::Paper => "paper",
        })
    }
}

/// A width with a scheme.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) width: u32,
    pub(crate) scheme: Scheme,
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} px, {}", self.width, self.scheme)
    }
}

impl Look {
    /// Has the browser show its page so. A window is never as narrow as a phone, so the metrics are set beside it.
    pub(crate) fn at(self, browser: &Browser) {
        let is_phone = self.width < 600;
        browser.command(
            "Emulation.setDeviceMetricsOverride",
            &json!({ "width": self.width, "height": if is_phone { 844 } else { 900 }, "deviceScaleFactor": 1,
                "mobile": is_phone }),
        );
        // A bar would take its width from the page, and not from the picture of it.
        browser.command("Emulation.setScrollbarsHidden", &json!({ "hidden": true }));
        browser.command("Emulation.setTouchEmulationEnabled", &json!({ "enabled": is_phone }));
        let (media, colours) = match self.scheme {
            Scheme::Light => ("screen", "light"),
            Scheme::Dark => ("screen", "dark"),
            Scheme::Paper => ("print", "light"),
        };
        let features = json!([{ "name": "prefers-color-scheme", "value": colours }]);
        browser.command("Emulation.setEmulatedMedia", &json!({ "media": media, "features": features }));
    }
}

/// Everything that is wrong with the page as it is shown now, each as a sentence.
pub(crate) fn faults(browser: &Browser, scheme: Scheme) -> Vec<String> {
    let is_paper = scheme == Scheme::Paper;
    let found = browser.value(&format!("({PROBE})({is_paper})"));
    let texts = found.as_array().expect("the probe answers with a list").iter();
    texts.map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
}

/// Looks at every element that is shown.
///
/// - The page is not wider than the screen.
/// - Text stands out from its ground by the ratio that the Web Content Accessibility Guidelines 2.2 ask for at level AA:
///   4.5, and 3 where it is large. What is switched off, or lies ahead in a film, is exempt.
/// - No text is cut off by the box that it stands in. On paper nothing scrolls, so what is scrolled on a screen is cut off there.
/// - What is clicked is at least 24 pixels wide and high, unless it stands in a line of text.
const PROBE: &str = r"(isPaper) => {
    const faults = [];
    const say = (element, words) => {
        const name = element.tagName.toLowerCase() + (element.id ? '#' + element.id : '')
            + [...element.classList].map(word => '.' + word).join('');
        faults.push(name + ' ' + JSON.stringify(element.textContent.trim().slice(0, 30)) + ' ' + words);
    };
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (wide > 0) faults.push('the page is ' + wide + ' pixels wider than the screen');

    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const colour = text => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = text;
        canvas.fillRect(0, 0, 1, 1);
        const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
        return { channels: [red, green, blue], alpha: alpha / 255 };
    };
    const over = (front, back) => front.channels.map((value, at) =>
        value * front.alpha + back[at] * (1 - front.alpha));
    const groundOf = element => {
        const layers = [];
        for (let at = element; at; at = at.parentElement) layers.push(colour(getComputedStyle(at).backgroundColor));
        const page = matchMedia('(prefers-color-scheme: dark)').matches && !isPaper ? [18, 18, 18] : [255, 255, 255];
        return layers.reverse().reduce((ground, layer) => over(layer, ground), page);
    };
    const light = channels => {
        const [red, green, blue] = channels.map(value => {
            const part = value / 255;
            return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const opacityOf = element => {
        let opacity = 1;
        for (let at = element; at; at = at.parentElement) opacity *= Number(getComputedStyle(at).opacity);
        return opacity;
    };

    for (const element of document.body.querySelectorAll('*')) {
        if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
        const style = getComputedStyle(element);
        const box = element.getBoundingClientRect();
        if (box.width < 2 || box.height < 2 || element.closest('.skip, [aria-disabled=true], [disabled]')) continue;
        const isSvg = element instanceof SVGElement;
        const hasText = [...element.childNodes].some(node =>
            node.nodeType === Node.TEXT_NODE && node.data.trim() !== '');

        if (hasText && !element.closest('.future') && !isSvg) {
            const ground = groundOf(element);
            const ink = colour(style.color);
            ink.alpha *= opacityOf(element);
            const [dim, bright] = [light(over(ink, ground)), light(ground)].sort((a, b) => a - b);
            const ratio = (bright + 0.05) / (dim + 0.05);
            const size = parseFloat(style.fontSize);
            const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
            if (ratio < (isLarge ? 3 : 4.5)) say(element, 'has a contrast of ' + ratio.toFixed(2));
        }

        const hides = value => value === 'hidden' || value === 'clip';
        const scrolls = value => value === 'auto' || value === 'scroll';
        const isCut = (axis, inner, outer) => inner > outer + 1
            && (hides(axis) && style.textOverflow !== 'ellipsis' || isPaper && scrolls(axis));
        if (!isSvg && (isCut(style.overflowX, element.scrollWidth, element.clientWidth)
            || isCut(style.overflowY, element.scrollHeight, element.clientHeight))) say(element, 'is cut off');
        if (hasText && !isSvg && (box.left < -1 || box.right > innerWidth + 1)
            && !element.closest('[data-scrolls]') && !scrolledBy(element)) say(element, 'lies outside of the screen');

        const isControl = element.matches('button, select, input:not([type=checkbox]), summary');
        if (isControl && !isPaper && (box.width < 24 || box.height < 24)) {
            say(element, 'is too small for a finger: ' + Math.round(box.width) + ' by ' + Math.round(box.height));
        }
    }
    return faults;

    // What stands in a box that is scrolled sideways is reached by scrolling that box.
    function scrolledBy(element) {
        if (isPaper) return false;
        for (let at = element.parentElement; at; at = at.parentElement) {
            const overflow = getComputedStyle(at).overflowX;
            if ((overflow === 'auto' || overflow === 'scroll') && at.scrollWidth > at.clientWidth) return true;
        }
        return false;
    }
}";

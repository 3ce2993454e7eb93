//! How Meta's dialog can be opened in a browser, known before the click. The browsers inside other apps have one view:
//! `window.open` navigates it, so that the page which waits for Meta's answer is gone, or opens a view without an
//! opener. Web apps that are installed (on a home screen or a desktop) open Meta's window in another browser.

use embark_view::model::DialogMode;

/// How a word of the user agent begins by which the browser inside an app is recognised.
const APPS: &[&str] = &[
    // Facebook and Messenger (<https://developers.facebook.com/docs/sharing/webmasters/in-app-browser>).
    "FBAN/",
    "FBAV/",
    "FB_IAB/",
    "Instagram",
    // Threads.
    "Barcelona",
    "Line/",
    "MicroMessenger/",
    // TikTok.
    "BytedanceWebview/",
    "musical_ly",
    "trill_",
    "Snapchat",
    "Pinterest",
    "Twitter",
    "LinkedInApp",
    "KAKAOTALK",
    "NAVER",
    // The Google app on iOS.
    "GSA/",
];
/// Words in the user agent of Android's WebView, whatever the app: the first since Android 5, the second before
/// (<https://developer.chrome.com/docs/multidevice/user-agent>).
const ANDROID_WEB_VIEW: &[&str] = &["wv", "Version/4.0"];

/// How Meta's dialog can be opened in a browser with this user agent. `is_standalone`: the page runs as a web app, without
/// the browser's controls.
pub fn dialog_mode(user_agent: &str, is_standalone: bool) -> DialogMode {
    let words = || user_agent.split([' ', ';', ',', '(', ')', '[', ']']);
    let has = |start: &str| words().any(|word| word.starts_with(start));
    let is_app = APPS.iter().any(|app| has(app));
    let is_on_android = words().any(|word| ANDROID_WEB_VIEW.contains(&word));
    // WebKit in an app on iOS, iPadOS or macOS: browsers add `Safari/…` to its user agent, other apps do not.
    let is_on_apple = has("AppleWebKit/") && !has("Safari/");
    match is_app || is_on_android || is_on_apple || is_standalone {
        true => DialogMode::Redirect,
        false => DialogMode::Popup,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// User agents of browsers whose popups report back.
    const BROWSERS: &[&str] = &[
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Safari/537.36 Edg/148.0.0.0",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:150.0) Gecko/20100101 Firefox/150.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/148.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/148.0.7700.0 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/150.0 Mobile/15E148 Safari/605.1.15",
        "Mozilla/5.0 (Android 15; Mobile; rv:150.0) Gecko/150.0 Firefox/150.0",
        "",
    ];

    /// User agents of browsers inside apps.
    const IN_APPS: &[&str] = &[
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/512.0.0.40.99;FBBV/700;FBDV/iPhone15,3;FBLC/en_US;FBOP/80]",
        "Mozilla/5.0 (Linux; Android 14; SM-S918B; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/148.0.0.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/512.0.0.43.109;]",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Instagram 380.0.0.28.84 (iPhone15,3; iOS 18_5; en_US; en; scale=3.00; 1290x2796; 700)",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Barcelona 380.0.0.28.84 (iPhone15,3; iOS 18_5)",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari/604.1 Line/15.9.0",
        "Mozilla/5.0 (Linux; Android 13; SM-A536B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Mobile Safari/537.36 Line/15.9.0/IAB",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 MicroMessenger/8.0.60(0x18003c2b) NetType/WIFI Language/en",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36 MicroMessenger/7.0.20.1781(0x6700143B) WindowsWechat",
        "Mozilla/5.0 (Linux; Android 13; SM-A536B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Mobile Safari/537.36 musical_ly_2023 JsSdk/1.0 NetType/WIFI BytedanceWebview/d8a21c6",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 musical_ly_39.1.0 JsSdk/2.0 NetType/WIFI Channel/App Store",
        "Mozilla/5.0 (Linux; Android 13; SM-A536B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Mobile Safari/537.36 trill_390003 JsSdk/1.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1 Snapchat/13.40.0.40 (like Safari/8621.2.5, panda)",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [Pinterest/iOS]",
        "Mozilla/5.0 (Linux; Android 13; SM-A536B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Mobile Safari/537.36 [Pinterest/Android]",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1 Twitter for iPhone/10.90",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1 [LinkedInApp]/9.30",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 Safari/604.1 KAKAOTALK 11.5.0",
        "Mozilla/5.0 (Linux; Android 13; SM-A536B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/148.0.0.0 Mobile Safari/537.36 NAVER(inapp; search; 1020; 12.9.1)",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) GSA/370.0.7 Mobile/15E148 Safari/604.1",
        // Apps without a name of their own.
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)",
        "Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/148.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 4.4.4; Nexus 5) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/36.0.0.0 Mobile Safari/537.36",
    ];

    #[test]
    fn in_app_browsers_and_web_apps_use_the_redirect() {
        for user_agent in BROWSERS {
            assert_eq!(
                dialog_mode(user_agent, false),
                DialogMode::Popup,
                "{user_agent}"
            );
            assert_eq!(
                dialog_mode(user_agent, true),
                DialogMode::Redirect,
                "{user_agent}"
            );
        }
        for user_agent in IN_APPS {
            assert_eq!(
                dialog_mode(user_agent, false),
                DialogMode::Redirect,
                "{user_agent}"
            );
        }
    }
}

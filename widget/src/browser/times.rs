//! Times of the near future, as browsers write them in each language.

use js_sys::{
    Array, Date, Function, Intl, Object, Reflect,
    wasm_bindgen::{JsCast, JsValue},
};

/// A point in time (Unix milliseconds) in the browser's time zone. `left`: milliseconds until then, which adds how far
/// away it is and the weekday, e.g. `in 3 days (Monday, 23:05)`; without it, the time of day alone. Returns `None` where
/// the browser cannot.
pub fn describe_time(lang: &str, at: u64, left: Option<u64>) -> Option<String> {
    let languages = Array::of1(&lang.into());
    let options = Object::new();
    let set = |name: &str, value: &str| Reflect::set(&options, &name.into(), &value.into());
    set("hour", "numeric").ok()?;
    set("minute", "2-digit").ok()?;
    if left.is_some() {
        set("weekday", "long").ok()?;
    }
    let date = Date::new(&JsValue::from_f64(at as f64));
    let format = Intl::DateTimeFormat::new(&languages, &options);
    let time = format.format().call1(&format, &date).ok()?.as_string()?;
    let Some(left) = left else {
        return Some(time);
    };
    let (number, unit) = match left.div_ceil(HOUR_MS) {
        hours @ 0..36 => (hours, "hour"),
        hours => (hours.div_ceil(24), "day"),
    };
    let relative = Intl::RelativeTimeFormat::new(&languages, &Object::new());
    // Of this object's prototype, which js-sys declares with another signature in each version.
    let format = Reflect::get(&relative, &"format".into()).ok()?;
    let format = format.dyn_into::<Function>().ok()?;
    let relative = format.call2(&relative, &JsValue::from_f64(number as f64), &unit.into());
    Some([&relative.ok()?.as_string()?, " (", &time, ")"].concat())
}

const HOUR_MS: u64 = 3_600_000;

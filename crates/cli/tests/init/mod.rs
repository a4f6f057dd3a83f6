//! `detente init`.

use crate::harness::Folder;

#[test]
fn the_starter_is_written_and_check_accepts_it() {
    let folder = Folder::new();
    let run = folder.detente(&["init"]);
    insta::assert_snapshot!("init", run);
    let check = folder.detente(&["check", "dossier"]);
    insta::assert_snapshot!("init_then_check", check);
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let folder = Folder::new();
    assert_eq!(folder.detente(&["init", "here"]).exit, 0);
    let before = std::fs::read_to_string(folder.path("here").join("agreement.toml")).unwrap();
    let run = folder.detente(&["init", "here"]);
    insta::assert_snapshot!("init_again", run);
    assert_eq!(
        before,
        std::fs::read_to_string(folder.path("here").join("agreement.toml")).unwrap()
    );
}

#[test]
fn an_empty_folder_is_filled_and_nothing_unfinished_is_left() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("empty")).unwrap();
    assert_eq!(folder.detente(&["init", "empty"]).exit, 0);
    assert_eq!(folder.detente(&["init", "deep/er"]).exit, 0);
    let names: Vec<String> = std::fs::read_dir(folder.path("deep"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(names, ["er"]);
    assert_eq!(std::fs::read_dir(folder.path("empty")).unwrap().count(), 8);
}

#[test]
fn a_file_in_the_way_is_no_folder() {
    let folder = Folder::new();
    folder.write("file", "");
    let run = folder.detente(&["init", "file"]);
    assert_eq!(run.exit, 2, "{run}");
    assert_eq!(folder.detente(&["init", "file/below"]).exit, 2);
}

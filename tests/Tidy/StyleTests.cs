namespace Queued.Tidy.Tests;

/// <summary>docs of the style say how the code should read; here the part that a machine can hold.</summary>
public sealed class StyleTests
{
    [Fact]
    public void No_source_file_is_too_long() => Finding.None(Repository.CSharp, StyleRules.FileLength);

    [Fact]
    public void No_line_is_too_long() => Finding.None(
        Repository.Files.Where(file => Path.GetExtension(file.Path) is ".cs" or ".proto" or ".sh" or ".py" or "" &&
            !file.IsUnder("protos/vendor")),
        StyleRules.LineLength);

    [Fact]
    public void Type_names_say_what_the_type_is() => Finding.None(Repository.CSharp, StyleRules.TypeNames);

    [Fact]
    public void There_are_no_regions_and_no_banners() =>
        Finding.None(Repository.CSharp, file => StyleRules.Regions(file).Concat(StyleRules.Banners(file)));

    [Fact]
    public void Nothing_is_left_unfinished_without_an_issue() => Finding.None(Repository.CSharp, StyleRules.Unfinished);

    [Fact]
    public void No_exception_is_swallowed() => Finding.None(Repository.CSharp, StyleRules.SwallowedExceptions);

    [Fact]
    public void No_file_names_a_path_of_somebodys_machine() => Finding.None(Repository.Files, StyleRules.MachinePaths);

    [Fact]
    public void Tests_do_not_sleep() => Finding.None(Tests, StyleRules.SleepingTests);

    [Fact]
    public void No_test_is_skipped() => Finding.None(Tests, StyleRules.SkippedTests);

    private static IEnumerable<SourceFile> Tests => Repository.CSharp.Where(file => file.IsUnder("tests"));
}

namespace Queued.Tidy.Tests;

/// <summary>
/// A rule that never fires holds nothing: each is shown what it must find and what it must leave alone.
/// </summary>
public sealed class StyleRulesTests
{
    [Theory]
    [InlineData("internal sealed class TaskManager;")]
    [InlineData("public readonly record struct RetryHelper(int Value);")]
    [InlineData("interface IQueueImpl { }")]
    public void An_empty_word_in_a_type_name_is_found(string code) =>
        Assert.Single(StyleRules.TypeNames(Source(code)));

    [Theory]
    [InlineData("// class TaskManager was here")]
    [InlineData("var text = \"class TaskManager\";")]
    [InlineData("class Manageress { }")]
    [InlineData("class Baseline { }")]
    public void Words_in_comments_strings_and_longer_names_are_left_alone(string code) =>
        Assert.Empty(StyleRules.TypeNames(Source(code)));

    [Theory]
    [InlineData("try { } catch { }")]
    [InlineData("try { } catch (IOException) { }")]
    [InlineData("try { } catch (Exception) { /* who knows */ }")]
    [InlineData("try { } catch (Exception e)\n{\n    // it happens\n}")]
    [InlineData("try { } catch\n{\n    // it happens\n}")]
    [InlineData("try { } catch (IOException e) when (e.HResult == Code(1)) { }")]
    public void A_swallowed_exception_is_found(string code) =>
        Assert.Single(StyleRules.SwallowedExceptions(Source(code)));

    [Theory]
    [InlineData("try { } catch (IOException)\n{\n    // The file is gone already, which is what was wanted.\n}")]
    [InlineData("try { } catch (Exception e) when (IsGone(e))\n{\n    // Gone already.\n}")]
    [InlineData("try { } catch { throw; }")]
    [InlineData("var text = \"catch { }\";")]
    public void A_catch_with_a_reason_or_with_code_is_left_alone(string code) =>
        Assert.Empty(StyleRules.SwallowedExceptions(Source(code)));

    [Fact]
    public void Sleeps_and_skips_are_found_in_code_only()
    {
        var sleeping = Source("Thread." + "Sleep(1); await Task." + "Delay(1); // Task." + "Delay");
        Assert.Equal(2, StyleRules.SleepingTests(sleeping).Count());
        Assert.Single(StyleRules.SkippedTests(Source("[Fact(Sk" + "ip = \"later\")]")));
        Assert.Empty(StyleRules.SkippedTests(Source("var rest = rows.Skip(1); if (x.Skip == 2) { }")));
    }

    [Fact]
    public void Open_ends_need_an_issue_number()
    {
        Assert.Single(StyleRules.Unfinished(Source("// TO" + "DO: later")));
        Assert.Empty(StyleRules.Unfinished(Source("// TO" + "DO(#12): later")));
        Assert.Single(StyleRules.Unfinished(Source("throw new NotImplementedException();")));
    }

    [Fact]
    public void Machine_paths_are_found()
    {
        Assert.Single(StyleRules.MachinePaths(Source("var home = \"/ho" + "me/alice/code\";")));
        Assert.Empty(StyleRules.MachinePaths(Source("var socket = \"/run/queued/queued.sock\";")));
    }

    [Fact]
    public void Regions_and_banners_are_found()
    {
        Assert.Single(StyleRules.Regions(Source("  #region Fields\n")));
        Assert.Single(StyleRules.Banners(Source("// =====" + "======\n")));
    }

    [Fact]
    public void Long_files_and_long_lines_are_found()
    {
        Assert.Single(StyleRules.FileLength(Source(new string('\n', StyleRules.SourceLinesMax + 1))));
        Assert.Empty(StyleRules.FileLength(Source(new string('\n', StyleRules.SourceLinesMax))));
        Assert.Single(StyleRules.LineLength(Source("\n" + new string('x', StyleRules.LineLengthMax + 1))));
        Assert.Empty(StyleRules.LineLength(Source(new string('x', StyleRules.LineLengthMax))));
    }

    [Fact]
    public void Raw_and_verbatim_strings_are_blanked_and_lines_stay()
    {
        const string code =
            "var a = \"\"\"\n  #region \" x\n  \"\"\";\nvar b = @\"c:\\\"\" #region\";\nvar c = '\"'; class X;";
        var blanked = CSharpText.WithoutCommentsAndStrings(code);
        Assert.DoesNotContain("region", blanked, StringComparison.Ordinal);
        Assert.EndsWith("class X;", blanked, StringComparison.Ordinal);
        Assert.Equal(code.Count(c => c == '\n'), blanked.Count(c => c == '\n'));
        Assert.Equal(code.Length, blanked.Length);
    }

    private static SourceFile Source(string text) => new("src/Example/Example.cs", text);
}

using Queued.Client.Wire;

namespace Queued.Client.Tests;

public sealed class SubmitTemplateTests
{
    private static readonly Dictionary<Type, object> Others = new()
    {
        [typeof(string)] = "other",
        [typeof(int)] = 77,
        [typeof(TimeSpan?)] = TimeSpan.FromSeconds(77),
        [typeof(DateTimeOffset?)] = DateTimeOffset.UnixEpoch,
        [typeof(RetryPolicy)] = new RetryPolicy { MaxAttempts = 7 },
        [typeof(IReadOnlyDictionary<string, string>)] = new Dictionary<string, string> { ["a"] = "b" },
    };

    public static TheoryData<string> Options =>
        [.. typeof(SubmitOptions).GetProperties().Where(option => option.CanWrite).Select(option => option.Name)];

    /// <summary>Or the next task would have the value of the one before it, in silence.</summary>
    [Theory]
    [MemberData(nameof(Options))]
    public void Tasks_that_differ_in_an_option_have_no_template_in_common_but_for_the_priority(string name)
    {
        var option = typeof(SubmitOptions).GetProperty(name)!;
        var other = new SubmitOptions();
        option.SetValue(other, Others[option.PropertyType]);

        Assert.Equal(name == nameof(SubmitOptions.Priority), HaveSame(new SubmitOptions(), other));
        Assert.Equal(name == nameof(SubmitOptions.Priority), HaveSame(other, new SubmitOptions()));
    }

    [Fact]
    public void Tasks_with_equal_options_have_their_template_in_common()
    {
        var some = new SubmitOptions { Queue = "q", Timeout = TimeSpan.FromSeconds(3), ResultTtl = TimeSpan.Zero };
        Assert.True(HaveSame(some, some with { }));
    }

    private static bool HaveSame(SubmitOptions one, SubmitOptions other)
    {
        SubmitTemplate? latest = null;
        var first = SubmitTemplate.Of(ref latest, "h", one);
        return ReferenceEquals(first, SubmitTemplate.Of(ref latest, "h", other));
    }
}

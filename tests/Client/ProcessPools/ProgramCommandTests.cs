using Queued.Client.ProcessPools;

namespace Queued.Client.Tests.ProcessPools;

public sealed class ProgramCommandTests
{
    [Fact]
    public void Under_a_test_host_the_program_is_the_test_assembly()
    {
        var command = ProgramCommand.Find();
        Assert.Equal("dotnet", Path.GetFileNameWithoutExtension(command[0]));
        Assert.Equal(typeof(ProgramCommandTests).Assembly.Location, command[^1]);
    }
}

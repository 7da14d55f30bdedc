namespace Queued.Tidy.Tests;

/// <summary>docs/architecture.md draws the rings; here they are held.</summary>
public sealed class LayeringTests
{
    private static IEnumerable<SourceFile> Projects =>
        Repository.Files.Where(file => file.Path.EndsWith(".csproj", StringComparison.Ordinal));

    [Fact]
    public void Projects_reference_inwards_only() => Finding.None(Projects, LayeringRules.ProjectReferences);

    [Fact]
    public void Processes_and_signals_stay_in_supervision() => Finding.None(Repository.CSharp, LayeringRules.Processes);

    [Fact]
    public void Files_and_databases_stay_in_storage_and_hosting() =>
        Finding.None(Repository.CSharp, LayeringRules.Files);

    [Fact]
    public void The_core_uses_nothing_from_outside() => Finding.None(Repository.CSharp, LayeringRules.BrokerUses);

    [Fact]
    public void Clients_and_workers_know_only_the_protocol() =>
        Finding.None(Repository.CSharp, LayeringRules.ForeignNamespaces);

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "Queue.sln")).Replace('\\', '/');
        var outside = Projects.Select(file => file.Path)
            .Where(path => !solution.Contains(path, StringComparison.Ordinal)).ToArray();
        Assert.Empty(outside);
    }

    [Fact]
    public void A_reference_against_the_rings_is_found()
    {
        const string daemon = """<Project><ProjectReference Include="../Daemon/Daemon.csproj" /></Project>""";
        Assert.Single(LayeringRules.ProjectReferences(new SourceFile("src/Client/Client.csproj", daemon)));
        const string package = """<Project><PackageReference Include="Grpc.Tools" /></Project>""";
        Assert.Single(LayeringRules.ProjectReferences(new SourceFile("src/Broker/Broker.csproj", package)));
    }

    [Fact]
    public void A_use_in_the_wrong_place_is_found()
    {
        Assert.Single(LayeringRules.Processes(new SourceFile("src/Daemon/Loop/A.cs", "Process.Start(\"ls\");")));
        Assert.Single(LayeringRules.Processes(
            new SourceFile("src/Cli/A.cs", "static partial int kill(int id, int signal);")));
        Assert.Empty(LayeringRules.Processes(new SourceFile("src/Daemon/Supervision/A.cs", "Process.Start(\"ls\");")));
        Assert.Single(LayeringRules.Files(new SourceFile("src/Daemon/Edge/A.cs", "File.Delete(path);")));
        Assert.Single(LayeringRules.BrokerUses(new SourceFile("src/Broker/A.cs", "var now = DateTime.UtcNow;")));
        Assert.Single(LayeringRules.ForeignNamespaces(new SourceFile("src/Cli/A.cs", "using Queued.Daemon;")));
        Assert.Single(LayeringRules.ForeignNamespaces(new SourceFile("src/Cli/A.cs", "using Grpc.Core;")));
    }
}
